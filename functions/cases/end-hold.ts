import { endHold as decide } from '../../domain/cases/hold.ts';
import type { CaseEvent, Fact } from '../../domain/facts/fact.ts';
import { withClocksFollowing } from '../../domain/sla/followed-change.ts';
import { roundUpToSecond } from '../../domain/sla/next-alarm.ts';
import { retryingLostRaces } from '../lost-races.ts';
import { NotYetVisible, unlessBusy } from '../reactions/faults.ts';
import type { Services } from '../services.ts';
import type { Alarm, Rung } from '../sla/ring-alarm.ts';
import { HOLD_ALARM, type Timers } from '../sla/timers.ts';
import { rulesOfCase } from './rules-of-case.ts';

/** Sets the alarm for the end of a hold that an edit has given a case. */
export const armHold = async (
  { cases, timers, now }: Pick<Services, 'cases' | 'now'> & { timers: Timers },
  { caseId, caseVersion, correlationId }: CaseEvent,
  { changes = [] }: Extract<Fact, { type: 'case.updated' }>,
): Promise<void> => {
  if (!changes.some(({ field }) => field === 'holdUntil')) return;
  const file = await cases.load(caseId);
  if (!file || file.case.version < caseVersion) throw new NotYetVisible(`version ${caseVersion} of ${caseId}`);
  const { hold } = file;
  if (!hold) return;
  const armed = { caseId, kpi: HOLD_ALARM, generation: 1, epoch: hold.epoch };
  await timers.armAt(armed, hold.until, now(), correlationId);
};

/** Ends a hold whose time has come; one that was changed or taken back since is none of this alarm's business. */
export const endHold = async (
  services: Pick<Services, 'cases' | 'settings' | 'customers' | 'now' | 'backOff'>,
  { caseId, epoch, correlationId }: Pick<Alarm, 'caseId' | 'epoch' | 'correlationId'>,
): Promise<Rung> =>
  unlessBusy(
    await retryingLostRaces(services, async (): Promise<Rung> => {
      const [head, file] = await Promise.all([services.settings.head(), services.cases.load(caseId)]);
      if (file?.hold?.epoch !== epoch) return { outcome: 'done' };
      const now = services.now();
      const { until } = file.hold;
      if (until > now) {
        const next = roundUpToSecond(until);
        return { outcome: 'wait', caseId, kpi: HOLD_ALARM, generation: 1, epoch, correlationId, next };
      }
      const rules = await rulesOfCase(services, head, file);
      const change = withClocksFollowing(decide(file, rules, now), rules, now);
      await services.cases.commit([change], {
        now,
        actor: 'system',
        cause: 'holdUntil',
        correlationId: correlationId ?? `${caseId}-${HOLD_ALARM}-${epoch}`,
      });
      return { outcome: 'done' };
    }),
  );
