import { z } from 'zod';
import { toInstant } from '../../domain/time.ts';
import type { Outcome, Request } from '../api/api.ts';
import { decodeCursor, encodeCursor } from '../api/cursor.ts';
import { SesReceived } from '../mail/ses-received.ts';
import { Parked } from '../reactions/park.ts';
import type { Services } from '../services.ts';
import { type Key, sweepIndex, sweepShards } from '../table/keys.ts';
import { failureIdOf } from './failure-id.ts';
import type { GivenUp, GivenUpRecords } from './given-up.ts';
import type { Failure } from './redrive.routes.ts';

/** The functions that give up into the bucket, by what they are called; the last are empty where no mail is sent or received. */
export type Consumers = Record<'reactions' | 'relay' | 'mailFeedback' | 'mailReceiver', string>;

export type FailureServices = Pick<Services, 'table'> & { givenUp: GivenUpRecords; consumers: Consumers };

type Listing = Request<unknown, { what: Failure['what']; limit: number; cursor?: string }, unknown>;

export const listFailures = async (services: FailureServices, { query }: Listing): Promise<Outcome> => {
  const { what, limit } = query;
  const list = `failures ${what}`;
  const cursor = decodeCursor(list, query.cursor, Position);
  if (!cursor.accepted) return cursor;
  const page = await (what === 'givenUp' ? listGivenUp : listParked)(services, limit, cursor.value);
  return {
    accepted: true,
    body: { items: page.items, ...(page.next && { nextCursor: encodeCursor(list, page.next) }) },
  };
};

const Position = z.object({ shard: z.int().default(0), after: z.string().optional() });
type Position = z.infer<typeof Position>;
type Found = { items: Failure[]; next?: Position };

const listGivenUp = async (
  { givenUp, consumers }: FailureServices,
  limit: number,
  { after }: Partial<Position> = {},
): Promise<Found> => {
  const { keys, next } = await givenUp.keys(limit, after);
  const items = await Promise.all(
    keys.map(async (key): Promise<Failure[]> => {
      const found = await givenUp.read(key);
      if (!found) return [];
      const failureId = failureIdOf({ what: 'givenUp', key });
      if (found === 'unreadable') return [{ ...UNREADABLE, failureId }];
      const { timestamp, requestContext, records } = found;
      return [
        {
          failureId,
          what: 'givenUp',
          of: consumersOf(consumers, found).join(' or '),
          reason: requestContext.condition,
          since: toInstant(Date.parse(timestamp)),
          attempts: requestContext.approximateInvokeCount,
          records,
        },
      ];
    }),
  );
  return { items: items.flat(), ...(next && { next: { shard: 0, after: next } }) };
};

const UNREADABLE = {
  what: 'givenUp',
  of: 'unknown',
  reason: 'unreadable',
  since: toInstant(0),
  attempts: 0,
  records: 0,
} as const;

/** Whom it was for. A function that was deployed anew since has another name: records may then have been either's. */
export const consumersOf = (consumers: Consumers, { of, payload, requestContext }: GivenUp): (keyof Consumers)[] => {
  if (of === 'mail') return [SesReceived.safeParse(payload).success ? 'mailReceiver' : 'mailFeedback'];
  const names = ['reactions', 'relay'] as const;
  const [unqualified = ''] = /^(?:[^:]*:){6}[^:]*/.exec(requestContext.functionArn) ?? [];
  const known = names.filter((name) => consumers[name] === unqualified);
  return known.length > 0 ? known : [...names];
};

const listParked = async (
  { table }: FailureServices,
  limit: number,
  { shard, after }: Position = { shard: 0 },
): Promise<Found> => {
  const shards = sweepShards('parked');
  const partition = shards[shard];
  if (!partition) return { items: [] };
  const { items, next } = await table.page({ partition, index: sweepIndex('parked'), limit, after });
  const stored = await Promise.all(items.map((item) => table.get(Keys.parse(item))));
  const following = next ? { shard, after: next } : { shard: shard + 1 };
  return {
    items: stored.flatMap((item) => (item ? [viewOfParked(Parked.parse(item))] : [])),
    ...(following.shard < shards.length && { next: following }),
  };
};

const Keys: z.ZodType<Key> = z.object({ PK: z.string(), SK: z.string() });

const viewOfParked = ({ caseId, eventId, reaction, because, attempts, parkedOn }: Parked): Failure => ({
  failureId: failureIdOf({ what: 'parked', caseId, eventId, reaction }),
  what: 'parked',
  of: reaction,
  reason: because,
  since: parkedOn,
  attempts: attempts + 1,
  records: 1,
  caseId,
});
