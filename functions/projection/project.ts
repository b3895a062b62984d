import type { CaseEvent } from '../../domain/facts/fact.ts';
import { feedsReadModels } from '../../domain/projection/feeds.ts';
import { changesTerms } from '../../domain/search/case-terms.ts';
import { retryingLostRaces } from '../lost-races.ts';
import { isPassing, NotYetVisible, unlessBusy } from '../reactions/faults.ts';
import type { Services } from '../services.ts';
import { PROJECTION_ATTRIBUTES, timelineKey } from '../table/keys.ts';
import { indexCase } from '../table/search-index.ts';
import { Transaction } from '../table/transaction.ts';

export type ProjectionServices = Pick<Services, 'table' | 'cases' | 'backOff'>;

/** A case whose facts read models could not follow: those that may go better soon are worth another try. */
export interface Unprojected {
  events: readonly CaseEvent[];
  error: unknown;
  isPassing: boolean;
}

/** Cases are projected this many at a time. */
const AT_ONCE = 8;

/**
 * Makes the read models follow facts, case by case, and answers what they could not follow. A fact that they hold is
 * struck off the list of those that they do not; the others stay there for the sweeper.
 */
export const project = async (services: ProjectionServices, events: readonly CaseEvent[]): Promise<Unprojected[]> => {
  const feeding = events.filter(({ fact }) => feedsReadModels(fact));
  const cases = [...Map.groupBy(feeding, ({ caseId }) => caseId).values()];
  const failed: Unprojected[] = [];
  const next = async (): Promise<void> => {
    for (let some = cases.shift(); some; some = cases.shift()) {
      try {
        await projectCase(services, some);
      } catch (error) {
        failed.push({ events: some, error, isPassing: isPassing(error) });
      }
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, next));
  return failed;
};

const projectCase = async (services: ProjectionServices, events: readonly CaseEvent[]): Promise<void> => {
  const [first] = events;
  if (!first) return;
  unlessBusy(
    await retryingLostRaces(services, async () => {
      const file = await services.cases.load(first.caseId);
      const version = Math.max(...events.map(({ caseVersion }) => caseVersion));
      if (!file || file.case.version < version) throw new NotYetVisible(`version ${version} of ${first.caseId}`);
      if (events.some(({ fact }) => changesTerms(fact))) await indexCase(services.table, file.case);
      await strikeOff(services, events);
    }),
  );
};

/** DynamoDB's bound on a transaction. */
const WRITES = 100;

const strikeOff = async ({ table }: ProjectionServices, events: readonly CaseEvent[]): Promise<void> => {
  for (let from = 0; from < events.length; from += WRITES) {
    const transaction = new Transaction();
    for (const { caseId, eventId } of events.slice(from, from + WRITES)) {
      transaction.update(timelineKey(caseId, eventId), {
        remove: PROJECTION_ATTRIBUTES,
        conditions: [{ attribute: 'PK', is: 'present' }],
      });
    }
    await table.transact(transaction);
  }
};
