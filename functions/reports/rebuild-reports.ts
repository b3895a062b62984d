import { z } from 'zod';
import { CaseId } from '../../domain/cases/case.ts';
import { invalid } from '../../domain/refusal.ts';
import { Cube, cellOf, NOW } from '../../domain/reports/cell.ts';
import { compareRows, type Difference } from '../../domain/reports/compare-rows.ts';
import { monthsOf } from '../../domain/reports/sum.ts';
import { Instant, MINUTE, toInstant, toMs } from '../../domain/time.ts';
import type { Outcome, Request } from '../api/api.ts';
import { decodeCursor, encodeCursor } from '../api/cursor.ts';
import { CursorText } from '../api/route.ts';
import { idempotently } from '../idempotently.ts';
import { retryingLostRaces } from '../lost-races.ts';
import { planCountAnew } from '../projection/count-case.ts';
import { isPassing, unlessBusy } from '../reactions/faults.ts';
import type { Services } from '../services.ts';
import { answerItem } from '../table/idempotency.ts';
import { caseIdAt, reportRows, statusShards } from '../table/keys.ts';
import {
  forgetRows,
  type ReportsHead,
  readRows,
  reportsHead,
  stepsOf,
  writeHead,
  writeRecount,
} from '../table/report-store.ts';
import { Transaction } from '../table/transaction.ts';
import { oldestUnread } from './read-report.ts';

export type RebuildServices = Pick<Services, 'table' | 'cases' | 'now' | 'backOff'>;

/** The body of a step of a rebuilding. */
export const RebuildStep = z
  .strictObject({
    repair: z.boolean().default(false).describe('Read the recount from then on; otherwise only tell what differs'),
    cursor: CursorText.optional().describe('`cursor` of the step before'),
  })
  .meta({ id: 'RebuildReports' });

/** How far a rebuilding has come. */
export const Rebuilding = z
  .object({
    state: z.enum(['counting', 'waiting', 'comparing', 'clearing', 'done']),
    cases: z.int().describe('Counted anew so far; a case that changes meanwhile may be counted again'),
    differences: z.int().describe('Sums that were not what the recount says'),
    examples: z.array(z.looseObject({})).describe('Some of those that this step found'),
    failed: z.array(CaseId).describe('Cases that this step could not count, so that they count nowhere'),
    repaired: z.boolean(),
    cursor: z.string().optional().describe('Absent when it is done'),
  })
  .meta({ id: 'Rebuilding' });

/** Where a rebuilding stands between two steps. */
const Position = z.object({
  generation: z.int(),
  /** The generation that was read when it began. */
  replaced: z.int(),
  repair: z.boolean(),
  startedOn: Instant,
  state: z.enum(['counting', 'waiting', 'again', 'comparing', 'clearing']),
  /** Which of a state's partitions comes next, and the place in it. */
  part: z.int(),
  after: z.string().optional(),
  cases: z.int(),
  differences: z.int(),
  firstMonth: z.string(),
});
type Position = z.infer<typeof Position>;

/** Cases that a step counts. */
const CASES = 100;

/** How far indexes may lag behind the table. */
const INDEX_DELAY_MS = 5 * MINUTE;

const EXAMPLES = 20;

/**
 * A step of a rebuilding: counts all cases anew from their facts into rows beside those that are read, while the relay
 * goes on counting into both, then compares them and, if asked to, reads the new ones from then on. It may be ended
 * anywhere and taken up again: a case that has been counted is not counted twice.
 */
export const rebuildReports = (
  services: RebuildServices,
  { body, idempotent }: Request<unknown, unknown, z.infer<typeof RebuildStep>>,
): Promise<Outcome> =>
  idempotently(services, idempotent, async () => {
    const position = decodeCursor(LIST, body.cursor, Position);
    if (!position.accepted) return position;
    const stepped = await steps(services, position.value ?? (await begin(services, body.repair)));
    if (!stepped) return invalid('cursor', 'is of a rebuilding that somebody else has ended');
    const answer = rebuilding(stepped);
    if (idempotent) {
      const transaction = new Transaction();
      transaction.create(answerItem(idempotent, 200, answer, services.now()));
      await services.table.transact(transaction);
    }
    return { accepted: true, body: answer };
  });

const LIST = 'rebuilding';

interface Stepped {
  next?: Position;
  last: Position;
  examples?: readonly Difference[];
  failed?: readonly string[];
}

/** Small steps in one request: a hundred cases, or twenty reads of what is compared or cleared. */
const SMALL_STEPS = 20;

const steps = async (services: RebuildServices, position: Position): Promise<Stepped | undefined> => {
  const examples: Difference[] = [];
  const failed: string[] = [];
  let next: Position | undefined = position;
  let last = position;
  for (let n = 0; n < SMALL_STEPS && next && last.cases < position.cases + CASES; n += 1) {
    const stepped: Stepped | undefined = await step(services, next);
    if (!stepped) return undefined;
    examples.push(...(stepped.examples ?? []));
    failed.push(...(stepped.failed ?? []));
    ({ next, last } = stepped);
    if (next?.state === 'waiting') break;
  }
  return { ...(next && { next }), last, examples, failed };
};

const rebuilding = ({ next, last, examples = [], failed = [] }: Stepped): z.infer<typeof Rebuilding> => ({
  state: !next ? 'done' : next.state === 'again' ? 'counting' : next.state,
  cases: last.cases,
  differences: last.differences,
  examples: examples.slice(0, EXAMPLES).map((example) => ({ ...example })),
  failed: [...failed],
  repaired: !next && last.repair,
  ...(next && { cursor: encodeCursor(LIST, next) }),
});

/** A rebuilding that was left is taken up from its beginning: what it has counted stays counted. */
const begin = async ({ table, now }: RebuildServices, repair: boolean): Promise<Position> => {
  const head = await reportsHead(table);
  const generation = head.building ?? head.last + 1;
  if (head.building === undefined) {
    const transaction = new Transaction();
    writeHead(transaction, head, { ...head, building: generation, last: generation });
    await table.transact(transaction);
  }
  const startedOn = now();
  const none = { part: 0, cases: 0, differences: 0, firstMonth: startedOn.slice(0, 7) };
  return { generation, replaced: head.active, repair, startedOn, state: 'counting', ...none };
};

/** Nothing when the rows that are being made are nobody's any more. */
const step = async (services: RebuildServices, position: Position): Promise<Stepped | undefined> => {
  const head = await reportsHead(services.table);
  const { generation, repair, state } = position;
  if (state === 'clearing') return clearSome(services, head, position);
  const isSwitched = repair && head.active === generation;
  if (head.building !== generation) return isSwitched ? advanced(position, { state: 'clearing' }) : undefined;
  switch (state) {
    case 'counting':
    case 'again':
      return countSome(services, head, position);
    case 'waiting': {
      // What the relay was counting when it did not yet know of the new rows is counted again.
      const oldest = await oldestUnread(services.table);
      const isDrained = oldest === undefined || oldest > position.startedOn;
      return isDrained ? advanced(position, { state: 'again' }) : { last: position, next: position };
    }
    case 'comparing':
      return compareSome(services, head, position);
  }
};

const advanced = (position: Position, change: Partial<Position>): Stepped => {
  const { after: _left, ...rest } = position;
  const next = { ...rest, part: 0, ...change };
  return { last: next, next };
};

const STATUSES = ['active', 'resolved', 'cancelled'];

/** Counts a page of one shard of the cases; again, only those that have changed since a little before the beginning. */
const countSome = async (services: RebuildServices, head: ReportsHead, position: Position): Promise<Stepped> => {
  const { state, part, after, generation, startedOn } = position;
  const partition = STATUSES.flatMap(statusShards)[part];
  if (partition === undefined) return advanced(position, { state: state === 'counting' ? 'waiting' : 'comparing' });
  const from = state === 'again' ? { from: toInstant(toMs(startedOn) - INDEX_DELAY_MS) } : {};
  const { items, next } = await services.table.page({ partition, index: 3, ...from, limit: CASES, after });
  const failed: string[] = [];
  let { firstMonth } = position;
  for (const caseId of items.map(({ GSI3SK }) => caseIdAt(String(GSI3SK)))) {
    try {
      const month = await countAnew(services, head, caseId, generation);
      if (month && month < firstMonth) firstMonth = month;
    } catch (error) {
      // One case that cannot be read must not keep all others from being counted.
      if (isPassing(error)) throw error;
      failed.push(caseId);
    }
  }
  const counted = { firstMonth, cases: position.cases + items.length };
  const where = next ? { part, after: next } : { part: part + 1 };
  return { ...advanced(position, { ...counted, ...where }), failed };
};

/** Counts one case and answers the first month in which something of it was counted. */
const countAnew = async (
  services: RebuildServices,
  head: ReportsHead,
  caseId: string,
  generation: number,
): Promise<string | undefined> =>
  unlessBusy(
    await retryingLostRaces(services, async () => {
      const file = await services.cases.load(caseId);
      if (!file) return undefined;
      const plan = await planCountAnew(services.table, head, file, generation);
      for (const one of stepsOf(plan)) {
        const transaction = new Transaction();
        writeRecount(transaction, one, caseId);
        await services.table.transact(transaction);
      }
      const days = Object.keys(plan.after.counted[generation] ?? {}).map((text) => cellOf(text).day);
      return days
        .filter((day) => day !== NOW)
        .sort()[0]
        ?.slice(0, 7);
    }),
  );

/** The rows of a cube for a month, or of what is so now: what is compared and cleared at a time. */
const partsOf = ({ firstMonth }: Position, now: Instant): { cube: Cube; month: string }[] => {
  const months = [NOW, ...monthsOf({ first: firstMonth, last: now })];
  return Cube.options.flatMap((cube) => months.map((month) => ({ cube, month })));
};

const rowsOf = (services: RebuildServices, generation: number, cube: Cube, month: string) =>
  readRows(services.table, generation, cube, month === NOW ? NOW : { first: `${month}-01`, last: `${month}-31` });

const compareSome = async (services: RebuildServices, head: ReportsHead, position: Position): Promise<Stepped> => {
  const { part, generation } = position;
  const next = partsOf(position, services.now())[part];
  if (!next) return finish(services, head, position);
  const [is, shouldBe] = await Promise.all(
    [head.active, generation].map((one) => rowsOf(services, one, next.cube, next.month)),
  );
  const examples = compareRows(next.cube, is ?? [], shouldBe ?? []);
  const differences = position.differences + examples.length;
  return { ...advanced(position, { part: part + 1, differences }), examples };
};

/** The new rows are read from now on, or not: either way the others go. */
const finish = async ({ table }: RebuildServices, head: ReportsHead, position: Position): Promise<Stepped> => {
  const { generation, repair } = position;
  const { building: _done, ...rest } = head;
  const transaction = new Transaction();
  writeHead(transaction, head, repair ? { ...rest, active: generation } : rest);
  await table.transact(transaction);
  return advanced(position, { state: 'clearing' });
};

/** Removes a page of the rows that nobody reads; never any that somebody does. */
const clearSome = async ({ table, now }: RebuildServices, head: ReportsHead, position: Position): Promise<Stepped> => {
  const { part, repair, replaced, generation } = position;
  const cleared = repair ? replaced : generation;
  if (cleared === head.active || cleared === head.building) return { last: position };
  const partition = partsOf(position, now()).flatMap(({ cube, month }) => reportRows(cleared, cube, month))[part];
  if (partition === undefined) return { last: position };
  const transaction = new Transaction();
  const isMore = await forgetRows(table, transaction, partition);
  if (transaction.size > 0) await table.transact(transaction);
  return advanced(position, { part: isMore ? part : part + 1 });
};
