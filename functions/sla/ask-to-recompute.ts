import { z } from 'zod';
import { refuse } from '../../domain/refusal.ts';
import { Recomputation, startRecomputation } from '../../domain/sla/recomputation.ts';
import type { CalendarVersion } from '../../domain/sla/recompute-kpi.ts';
import type { Outcome, Request } from '../api/api.ts';
import { decodeCursor, encodeCursor } from '../api/cursor.ts';
import { pageOf, pageQuery } from '../api/route.ts';
import { idempotently } from '../idempotently.ts';
import { logger } from '../logger.ts';
import type { Services } from '../services.ts';
import { answerItem } from '../table/idempotency.ts';
import { movedClocks } from '../table/keys.ts';
import {
  clocksFrom,
  findRecomputation,
  Place,
  RecomputedClock,
  writeRecomputation,
} from '../table/recomputation-store.ts';
import { Transaction } from '../table/transaction.ts';
import { advanceRecomputation, clocksIn, planPage, type RecomputeServices, versionOf } from './recompute-calendar.ts';

type IdRequest<Query = unknown, Body = unknown> = Request<{ id: string }, Query, Body>;

export const RecomputeCalendar = z
  .strictObject({
    dryRun: z.boolean().default(false).describe('Only tell, page by page, what would become of each open clock'),
    limit: pageQuery.limit,
    cursor: pageQuery.cursor,
  })
  .meta({ id: 'RecomputeCalendar' });
export type RecomputeCalendar = z.infer<typeof RecomputeCalendar>;

const RecomputationView = Recomputation.pick({
  calendarId: true,
  recomputationId: true,
  calendarVersion: true,
  state: true,
  recomputed: true,
  moved: true,
  failed: true,
  by: true,
  startedOn: true,
});

/** What is done or would be: the recomputation, unless nothing is written, and clocks that it moves. */
export const RecomputationAnswer = pageOf(RecomputedClock).extend({ recomputation: RecomputationView.optional() });

/** Brings the open clocks of a calendar to its present version, page by page; or tells what that would do. */
export const recomputeCalendar = (
  services: RecomputeServices,
  request: IdRequest<unknown, RecomputeCalendar>,
): Promise<Outcome> => (request.body.dryRun ? tryOut(services, request) : begin(services, request));

const noCalendar = (id: string) => refuse('NOT_FOUND', `There is no calendar ${id}`);

const tryOut = async (
  services: RecomputeServices,
  { params: { id }, body: { limit, cursor } }: IdRequest<unknown, RecomputeCalendar>,
): Promise<Outcome> => {
  const present = await presentVersion(services, id);
  if (!present) return noCalendar(id);
  const list = `recompute ${id} ${present.version}`;
  const position = decodeCursor(list, cursor, Place);
  if (!position.accepted) return position;
  const place = await clocksFrom(services.table, id, present.version, position.value ?? { shard: 0 }, limit);
  const { changes } = await planPage(services, place.items, present, new Set(), id);
  return {
    accepted: true,
    status: 200,
    body: {
      items: changes.flatMap(clocksIn),
      ...(place.next && { nextCursor: encodeCursor(list, place.next) }),
    },
  };
};

const begin = async (services: RecomputeServices, request: IdRequest<unknown, RecomputeCalendar>): Promise<Outcome> => {
  const { id } = request.params;
  const outcome = await idempotently(services, request.idempotent, async () => {
    const present = await presentVersion(services, id);
    if (!present) return noCalendar(id);
    const before = await findRecomputation(services.table, id);
    const runs = before?.state === 'running' && before.calendarVersion === present.version;
    const now = services.now();
    const about = { calendarId: id, recomputationId: services.ids.random(), calendarVersion: present.version };
    const recomputation = runs ? before : startRecomputation({ ...about, by: request.caller.userId }, now);
    const body = { recomputation: RecomputationView.parse(recomputation), items: [] };
    const transaction = new Transaction();
    if (!runs) writeRecomputation(transaction, before, recomputation);
    if (request.idempotent) transaction.create(answerItem(request.idempotent, 202, body, now));
    if (transaction.size > 0) await services.table.transact(transaction);
    return { accepted: true, body };
  });
  const { success, data } = RecomputationAnswer.safeParse(outcome.accepted ? outcome.body : undefined);
  if (!success || !data.recomputation) return outcome;
  const { recomputationId } = data.recomputation;
  try {
    await advanceRecomputation(services, { calendarId: id, recomputationId, page: 0 });
  } catch (error) {
    logger.error('recomputation left to the sweeper', error instanceof Error ? error : String(error));
  }
  return outcome;
};

/** How far the last recomputation of a calendar is, and which clocks it has moved. */
export const getRecomputation = async (
  services: Pick<Services, 'table'>,
  { params: { id }, query: { limit, cursor } }: IdRequest<{ limit: number; cursor?: string }>,
): Promise<Outcome> => {
  const recomputation = await findRecomputation(services.table, id);
  if (!recomputation) return refuse('NOT_FOUND', `The calendar ${id} was never recomputed`);
  const list = `recomputation ${recomputation.recomputationId}`;
  const position = decodeCursor(list, cursor, z.string());
  if (!position.accepted) return position;
  const partition = movedClocks(recomputation.recomputationId);
  const { items, next } = await services.table.page({ partition, limit, after: position.value, consistent: true });
  return {
    accepted: true,
    body: {
      recomputation: RecomputationView.parse(recomputation),
      items: items.map((item) => RecomputedClock.parse(item)),
      ...(next && { nextCursor: encodeCursor(list, next) }),
    },
  };
};

const presentVersion = async (services: RecomputeServices, id: string): Promise<CalendarVersion | undefined> => {
  const setting = await services.settings.calendars.find(id);
  return setting && versionOf(services, id, setting.version);
};
