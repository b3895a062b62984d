import { isCanary } from '../../domain/canary/canary.ts';
import type { CaseFile } from '../../domain/cases/case-file.ts';
import type { CaseEvent, Fact } from '../../domain/facts/fact.ts';
import { feedsReadModels } from '../../domain/projection/feeds.ts';
import { isReported } from '../../domain/reports/story.ts';
import { changesTerms } from '../../domain/search/case-terms.ts';
import type { KpiInstance } from '../../domain/sla/kpi-instance.ts';
import { inParallel } from '../in-parallel.ts';
import { retryingLostRaces } from '../lost-races.ts';
import { isPassing, NotYetVisible, unlessBusy } from '../reactions/faults.ts';
import type { Services } from '../services.ts';
import { PROJECTION_ATTRIBUTES, timelineKey } from '../table/keys.ts';
import {
  type CountedSoFar,
  countedSoFar,
  MAX_ADDITIONS,
  type Recount,
  stepsOf,
  writeRecount,
} from '../table/report-store.ts';
import { indexCase } from '../table/search-index.ts';
import { MAX_TRANSACTION_WRITES, Transaction } from '../table/transaction.ts';
import { planCount } from './count-case.ts';

export type ProjectionServices = Pick<Services, 'table' | 'cases' | 'backOff'>;

/** A case whose facts read models could not follow: those that may go better soon are worth another try. */
export interface Unprojected {
  events: readonly CaseEvent[];
  error: unknown;
  isPassing: boolean;
}

/** The facts of one case, the newest version of it that they speak of, and what reports have to add for them. */
interface Projection {
  events: readonly CaseEvent[];
  recount?: Recount;
}

/**
 * Makes the read models follow facts, case by case, and answers what they could not follow. A fact that they hold is
 * struck off the list of those that they do not; the others stay there for the sweeper.
 */
export const project = async (services: ProjectionServices, events: readonly CaseEvent[]): Promise<Unprojected[]> => {
  const feeding = events.filter(({ fact }) => feedsReadModels(fact));
  if (feeding.length === 0) return [];
  const cases = [...Map.groupBy(feeding, ({ caseId }) => caseId).values()];
  const failed: Unprojected[] = [];
  const attempt = async <Result>(some: readonly CaseEvent[], act: () => Promise<Result>): Promise<Result[]> => {
    try {
      return [await act()];
    } catch (error) {
      failed.push({ events: some, error, isPassing: isPassing(error) });
      return [];
    }
  };

  const [soFar] = await attempt(feeding, () => readSoFar(services, feeding));
  if (!soFar) return failed;
  const prepared = await inParallel(cases, (some) => attempt(some, () => prepare(services, some, soFar)));
  const counted = await inParallel(together(prepared.flat()), async (some) =>
    (await countTogether(services, some))
      ? some
      : (await inParallel(some, ({ events: own }) => attempt(own, () => projectAlone(services, own)))).flat(),
  );
  const done = counted.flat().flatMap(({ events: own }) => own);
  for (let from = 0; from < done.length; from += MAX_TRANSACTION_WRITES) {
    const some = done.slice(from, from + MAX_TRANSACTION_WRITES);
    await attempt(some, () => strikeOff(services, some));
  }
  return failed;
};

/** What has been counted so far of the cases that these facts count anew. */
const readSoFar = ({ table }: ProjectionServices, events: readonly CaseEvent[]): Promise<CountedSoFar> => {
  const reported = events.filter(({ fact }) => isReported(fact));
  return countedSoFar(table, [...new Set(reported.map(({ caseId }) => caseId))]);
};

/** Indexes a case, if that is to do, and plans how it is to be counted. */
const prepare = async (
  services: ProjectionServices,
  events: readonly CaseEvent[],
  soFar: CountedSoFar,
): Promise<Projection> => {
  const { table } = services;
  const file = await visible(services, events);
  if (isCanary(file.case)) return { events };
  if (events.some(({ fact }) => changesTerms(fact))) {
    unlessBusy(await retryingLostRaces(services, () => indexCase(table, file.case)));
  }
  if (!events.some(({ fact }) => isReported(fact))) return { events };
  const recount = await planCount(table, soFar, file, events);
  return { events, ...(recount && { recount }) };
};

/** The case as it is now, which must be no older than what the facts say of it. */
const visible = async ({ cases }: ProjectionServices, events: readonly CaseEvent[]): Promise<CaseFile> => {
  const caseId = events[0]?.caseId ?? '';
  const file = await cases.load(caseId);
  const version = Math.max(...events.map(({ caseVersion }) => caseVersion));
  if (!file || file.case.version < version) throw new NotYetVisible(`version ${version} of ${caseId}`);
  for (const { fact } of events) {
    const isPlaced = fact.changes?.some(({ field, new: queueId }) => field === 'queueId' && queueId !== undefined);
    if (isPlaced && !(file.placement && file.placement.since >= fact.occurredAt)) {
      throw new NotYetVisible(`${fact.type} of ${caseId}`);
    }
    if (!('epoch' in fact)) continue;
    const clock = file.kpis.find(({ kpi, generation }) => kpi === fact.kpi && generation === fact.generation);
    if (!clock || !shows(clock, fact)) throw new NotYetVisible(`${fact.type} of ${fact.kpi} of ${caseId}`);
  }
  return file;
};

/** Whether a clock is as new as a fact about it; most moves raise its epoch. */
const shows = ({ epoch, warnedAt, acknowledgement }: KpiInstance, fact: Fact & { epoch: number }): boolean => {
  if (epoch < fact.epoch) return false;
  if (fact.type === 'sla.warning') return warnedAt !== undefined;
  return fact.type !== 'sla.acknowledged' || (acknowledgement !== undefined && acknowledgement.at >= fact.occurredAt);
};

/**
 * Cases that are counted in one transaction, because most of them add to the same rows: a thousand cases a second would
 * otherwise wait for each other there.
 */
const together = (projections: readonly Projection[]): Projection[][] => {
  const packs: { some: Projection[]; rows: Set<string> }[] = [];
  for (const projection of projections) {
    const rows = (projection.recount?.additions ?? []).map(rowText);
    const last = packs.at(-1);
    const joined = new Set([...(last?.rows ?? []), ...rows]);
    if (last && joined.size + last.some.length + 1 <= MAX_TRANSACTION_WRITES) {
      last.some.push(projection);
      last.rows = joined;
    } else packs.push({ some: [projection], rows: new Set(rows) });
  }
  return packs.map(({ some }) => some);
};

const rowText = ({ generation, cell: { cube, day, dims } }: Recount['additions'][number]): string =>
  JSON.stringify([generation, cube, day, dims]);

/** Whether it could be done; if not, each case is tried alone. */
const countTogether = async ({ table }: ProjectionServices, projections: readonly Projection[]): Promise<boolean> => {
  const recounts = projections.flatMap(({ recount }) => recount ?? []);
  const [first] = recounts;
  if (!first) return true;
  if (recounts.some(({ additions }) => additions.length > MAX_ADDITIONS)) return false;
  const transaction = new Transaction();
  for (const recount of recounts) writeRecount(transaction, recount, first.after.caseId);
  try {
    await table.transact(transaction);
    return true;
  } catch {
    // Somebody else counts one of the cases just now; or what is wrong shows again, at the case that has it.
    return false;
  }
};

const projectAlone = async (services: ProjectionServices, events: readonly CaseEvent[]): Promise<Projection> =>
  unlessBusy(
    await retryingLostRaces(services, async () => {
      const projection = await prepare(services, events, await readSoFar(services, events));
      for (const step of projection.recount ? stepsOf(projection.recount) : []) {
        const transaction = new Transaction();
        writeRecount(transaction, step, step.after.caseId);
        await services.table.transact(transaction);
      }
      return projection;
    }),
  );

const strikeOff = async ({ table }: ProjectionServices, events: readonly CaseEvent[]): Promise<void> => {
  const transaction = new Transaction();
  for (const { caseId, eventId } of events) {
    transaction.update(timelineKey(caseId, eventId), {
      remove: PROJECTION_ATTRIBUTES,
      conditions: [{ attribute: 'PK', is: 'present' }],
    });
  }
  await table.transact(transaction);
};
