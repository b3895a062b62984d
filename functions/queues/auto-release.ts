import { isOnHold } from '../../domain/cases/status-reasons.ts';
import { CaseEvent } from '../../domain/facts/fact.ts';
import { autoRelease as decide } from '../../domain/queues/auto-release.ts';
import type { Placement } from '../../domain/queues/queue.ts';
import { withClocksFollowing } from '../../domain/sla/followed-change.ts';
import type { Instant } from '../../domain/time.ts';
import { rulesOfCase } from '../cases/rules-of-case.ts';
import { retryingLostRaces } from '../lost-races.ts';
import { unlessBusy } from '../reactions/faults.ts';
import type { Services } from '../services.ts';
import { asOwned } from './work-on-item.ts';

type ReleaseServices = Pick<Services, 'cases' | 'settings' | 'customers' | 'users' | 'now' | 'backOff'>;

/** Releases a picked case whose time has come, or puts its time off because somebody has touched it meanwhile. */
export const autoRelease = async (services: ReleaseServices, caseId: string): Promise<void> => {
  unlessBusy(
    await retryingLostRaces(services, async () => {
      const [head, file] = await Promise.all([services.settings.head(), services.cases.load(caseId)]);
      const placement = file?.placement;
      const queue = placement?.queueId && (await services.settings.queues.find(placement.queueId, head));
      if (!file || !placement || !queue) return;
      const now = services.now();
      const rules = await rulesOfCase(services, head, file);
      const change = decide(file, {
        at: { queueId: queue.id, queue: await asOwned(services, head, queue.document) },
        touchedAt: await lastTouch(services, caseId, placement),
        onHold: isOnHold(file.case, rules),
        now,
      });
      if (!change) return;
      const cause = 'autoRelease';
      await services.cases.commit([withClocksFollowing(change, rules, now)], {
        now,
        actor: 'system',
        cause,
        correlationId: `${cause}:${caseId}`,
      });
    }),
  );
};

/** The end of the timeline is read a page at a time, as far back as it takes. */
const PAGE = 25;

/**
 * The last thing that whoever works on a case did to it, or a change of its reason by anybody: a case that has just come
 * back from hold has not been left alone. Customers who write do not keep a case from others who could answer them.
 */
const lastTouch = async (
  { cases }: ReleaseServices,
  caseId: string,
  { workedBy, workedSince = '' }: Placement,
): Promise<Instant> => {
  let after: string | undefined;
  do {
    const page = await cases.timeline(caseId, { limit: PAGE, after, descending: true });
    for (const item of page.items) {
      if (item.entity !== 'event') continue;
      const { at, actor, fact } = CaseEvent.parse(item);
      if (at < workedSince) return workedSince;
      if (actor === workedBy || fact.changes?.some(({ field }) => field === 'statusReason')) return at;
    }
    after = page.next;
  } while (after);
  return workedSince;
};
