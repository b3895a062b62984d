import type { CaseEvent } from '../../domain/facts/fact.ts';
import { NotYetVisible } from '../reactions/faults.ts';
import type { Services } from '../services.ts';
import type { Timers } from './timers.ts';

type About = { kpi: string; generation: number; epoch: number };

/** Arms the alarm of a clock that started or resumed, unless the clock has moved on since. */
export const armTimer = async (
  { cases, timers, now, meter }: Pick<Services, 'cases' | 'now' | 'meter'> & { timers: Timers },
  { caseId, correlationId }: CaseEvent,
  { kpi, generation, epoch }: About,
): Promise<void> => {
  const instance = await cases.kpi(caseId, kpi, generation);
  if (!instance || instance.epoch < epoch)
    throw new NotYetVisible(`${kpi} ${generation} of ${caseId} at epoch ${epoch}`);
  if (instance.epoch !== epoch) return;
  try {
    if (await timers.arm(instance, now(), correlationId)) meter.count('TimersArmed');
  } catch (error) {
    meter.count('TimersNotArmed');
    throw error;
  }
};

/** A clock waits: its alarm is stopped and counted as paused. */
export const pauseTimer = async (
  { timers, meter }: Pick<Services, 'meter'> & { timers: Timers },
  event: CaseEvent,
  fact: About,
): Promise<void> => {
  await disarmTimer({ timers }, event, fact);
  meter.count('TimersPaused');
};

/** A clock was counted anew: where its deadlines have moved, its alarm is set anew. */
export const rearmTimer = async (
  services: Pick<Services, 'cases' | 'now' | 'meter'> & { timers: Timers },
  event: CaseEvent,
  fact: About & { isMoved: boolean },
): Promise<void> => {
  if (!fact.isMoved) return;
  await disarmTimer(services, event, fact);
  await armTimer(services, event, fact);
};

/** Stops the alarm that a clock left behind when it paused or ended: that of the epoch before. */
export const disarmTimer = async (
  { timers }: { timers: Timers },
  { caseId }: CaseEvent,
  { kpi, generation, epoch }: About,
): Promise<void> => {
  if (epoch > 1) await timers.disarm({ caseId, kpi, generation, epoch: epoch - 1 });
};
