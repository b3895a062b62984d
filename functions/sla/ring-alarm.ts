import { z } from 'zod';
import { mergedInto } from '../../domain/merge/survivor-of.ts';
import { withClocksLeft } from '../../domain/sla/followed-change.ts';
import type { KpiChange } from '../../domain/sla/kpi-change.ts';
import { nextAlarm, roundUpToSecond } from '../../domain/sla/next-alarm.ts';
import { settleKpi } from '../../domain/sla/settle-kpi.ts';
import { Instant, toMs } from '../../domain/time.ts';
import { retryingLostRaces } from '../lost-races.ts';
import { unlessBusy } from '../reactions/faults.ts';
import type { Services } from '../services.ts';

/** What an execution carries. Executions outlive deployments: members may be added, never taken away. */
export const Alarm = z.object({
  caseId: z.uuid(),
  kpi: z.string(),
  generation: z.int(),
  epoch: z.int(),
  next: Instant,
  /** Of whatever set the clock going; the sweeper does not know it. */
  correlationId: z.string().optional(),
});
export type Alarm = z.infer<typeof Alarm>;

/** What the state machine does next: waits for `next`, or ends. */
export type Rung = ({ outcome: 'wait' } & Alarm) | { outcome: 'done' };

export type RingServices = Pick<Services, 'cases' | 'now' | 'backOff' | 'meter'>;

/** Later than this after it was due is not on time: an alarm may be a second late by rounding, and a function starts cold. */
const ON_TIME_MS = 5_000;

/**
 * An alarm rings: what is due by now is committed, dated when it was due. An early alarm waits again; one whose clock
 * has moved on changes nothing, because whoever moved it has settled it first; so will who moves a merged case's things.
 */
export const ringAlarm = async (services: RingServices, alarm: Alarm): Promise<Rung> =>
  unlessBusy(
    await retryingLostRaces(services, async (): Promise<Rung> => {
      const { caseId, kpi, generation, epoch, correlationId } = alarm;
      const file = await services.cases.load(caseId);
      const instance = file?.kpis.find((one) => one.kpi === kpi && one.generation === generation);
      if (!file || !instance || instance.epoch !== epoch || mergedInto(file.case)) {
        services.meter.count('StaleAlarms');
        return { outcome: 'done' };
      }
      const now = services.now();
      const { instance: settled, facts } = settleKpi(instance, now);
      if (facts.length > 0) {
        const kpis = file.kpis.map((one) => (one === instance ? settled : one));
        await services.cases.commit([withClocksLeft({ before: file, after: { ...file, kpis }, facts })], {
          now,
          actor: 'system',
          cause: `sla:${kpi}`,
          correlationId: correlationId ?? `${caseId}-${kpi}-${generation}-${epoch}`,
        });
        measure(services, facts, now);
      }
      const next = nextAlarm(settled);
      return next
        ? { outcome: 'wait', caseId, kpi, generation, epoch, correlationId, next: roundUpToSecond(next) }
        : { outcome: 'done' };
    }),
  );

const measure = ({ meter }: RingServices, facts: KpiChange['facts'], now: Instant): void => {
  for (const fact of facts) {
    if (!('dueAt' in fact)) continue;
    const lateMs = toMs(now) - toMs(fact.dueAt);
    meter.count('TimersFired');
    if (lateMs <= ON_TIME_MS) meter.count('TimersFiredOnTime');
    meter.late(lateMs);
  }
};
