import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { openedBy } from '../../domain/channels/channel.ts';
import { HandOver, startHandOver, stopHandOver } from '../../domain/people/hand-over.ts';
import { User, UserFields } from '../../domain/people/user.ts';
import { accept, type Decision, invalid, type Refusal, refuse } from '../../domain/refusal.ts';
import type { SettingsHead } from '../../domain/settings/kinds.ts';
import type { Instant } from '../../domain/time.ts';
import type { Outcome, Request } from '../api/api.ts';
import { decodeCursor, encodeCursor } from '../api/cursor.ts';
import { idempotently } from '../idempotently.ts';
import { logger } from '../logger.ts';
import { findQueue } from '../references.ts';
import type { Services } from '../services.ts';
import { ownerCases } from '../table/keys.ts';
import { Transaction } from '../table/transaction.ts';
import { advanceHandOver } from './hand-over.ts';
import { teamsOf } from './memberships.ts';

export type PeopleServices = Pick<
  Services,
  'table' | 'cases' | 'settings' | 'customers' | 'users' | 'ids' | 'now' | 'backOff'
>;
type UserRequest<Body = unknown> = Request<{ userId: string }, unknown, Body>;

/** A user as the API shows it. */
export const UserView = z
  .object({
    id: z.string(),
    version: z.int(),
    ...UserFields.shape,
    createdOn: User.shape.createdOn,
    modifiedOn: User.shape.modifiedOn,
    modifiedBy: z.string(),
    teams: z.array(z.string()).describe('The teams that the user is in'),
    handOver: HandOver.pick({ state: true, returned: true, failed: true, startedOn: true, by: true }).optional(),
  })
  .meta({ id: 'User' });

const view = async (services: PeopleServices, user: User, at?: SettingsHead): Promise<z.infer<typeof UserView>> => {
  const teams = (await teamsOf(services, user.userId, at)).map(({ id }) => id);
  return UserView.parse({ ...user, id: user.userId, teams });
};

/** Which users a list shows. */
export interface UserFilter {
  limit: number;
  cursor?: string;
  active?: boolean;
}

/** A page of the users, by id. */
export const listUsers = async (
  services: PeopleServices,
  { query: { limit, cursor, active } }: Request<unknown, UserFilter, unknown>,
): Promise<Outcome> => {
  const list = `users ${active}`;
  const position = decodeCursor(list, cursor, z.string());
  if (!position.accepted) return position;
  const head = await services.settings.head();
  const { items, next } = await services.users.page({ limit, after: position.value });
  const shown = items.filter((user) => active === undefined || user.active === active);
  return {
    accepted: true,
    body: {
      items: await Promise.all(shown.map((user) => view(services, user, head))),
      ...(next && { nextCursor: encodeCursor(list, next) }),
    },
  };
};

/** Reads a user. */
export const getUser = async (services: PeopleServices, { params: { userId } }: UserRequest): Promise<Outcome> => {
  const user = await services.users.find(userId);
  return user ? { accepted: true, body: await view(services, user) } : notThere(userId);
};

const stale = (userId: string, version: number): Refusal =>
  refuse('STALE_VERSION', `${userId} is at version ${version}`);

const notThere = (userId: string): Refusal => refuse('NOT_FOUND', `There is no user ${userId}`);

/**
 * Creates or replaces a user. Deactivating one begins the return of their open cases in the same transaction; a first
 * page of it is done before the answer, which so tells the whole count for most people. The rest follows by the stream.
 */
export const putUser = async (services: PeopleServices, request: UserRequest<UserFields>): Promise<Outcome> => {
  const outcome = await idempotently(services, undefined, () => commitUser(services, request));
  if (!outcome.accepted) return outcome;
  const { userId } = request.params;
  await beginHandOver(services, userId);
  const user = await services.users.find(userId);
  return user ? { accepted: true, body: await view(services, user) } : notThere(userId);
};

const commitUser = async (
  services: PeopleServices,
  { params: { userId }, body, caller, ifMatch }: UserRequest<UserFields>,
): Promise<Outcome> => {
  const [head, before] = await Promise.all([services.settings.head(), services.users.find(userId)]);
  if (ifMatch !== undefined && ifMatch !== (before?.version ?? 0)) {
    return stale(userId, before?.version ?? 0);
  }
  if (!body.active && userId === caller.userId) return invalid('active', 'nobody deactivates themselves');
  const queue = await findQueue(services, head, body.defaultQueueId, 'defaultQueueId');
  if (!queue.accepted) return queue;
  if (before && isDeepStrictEqual(fieldsOf(before), fieldsOf(body))) return { accepted: true, body: undefined };
  const now = services.now();
  const after = changed(before, { userId, fields: body, by: caller.userId, handOverId: services.ids.random(), now });
  const transaction = new Transaction();
  services.users.change(transaction, before, after);
  await services.table.transact(transaction);
  return { accepted: true, body: undefined };
};

const fieldsOf = (fields: UserFields): object =>
  Object.fromEntries(Object.keys(UserFields.shape).map((name) => [name, new Map(Object.entries(fields)).get(name)]));

const changed = (
  before: User | undefined,
  {
    userId,
    fields,
    by,
    handOverId,
    now,
  }: { userId: string; fields: UserFields; by: string; handOverId: string; now: Instant },
): User => {
  const leaves = before?.active === true && !fields.active;
  const returns = before?.active === false && fields.active && before.handOver;
  const handOver = leaves
    ? startHandOver(handOverId, by, now)
    : returns
      ? stopHandOver(before.handOver ?? startHandOver(handOverId, by, now))
      : before?.handOver;
  return {
    ...fields,
    userId,
    createdOn: before?.createdOn ?? now,
    modifiedOn: now,
    modifiedBy: by,
    version: (before?.version ?? 0) + 1,
    ...(handOver && { handOver }),
  };
};

/** What this does not get done, the sweeper finds: the change itself has been made. */
const beginHandOver = async (services: PeopleServices, userId: string): Promise<void> => {
  const handOver = (await services.users.find(userId))?.handOver;
  if (handOver?.state !== 'running' || handOver.page > 0) return;
  try {
    await advanceHandOver(services, { userId, handOverId: handOver.id, page: handOver.page });
  } catch (error) {
    logger.error('hand-over left to the sweeper', error instanceof Error ? error : String(error));
  }
};

/** Removes a user whom nothing names any more. What they did keeps their id; coming again makes them known again. */
export const deleteUser = (services: PeopleServices, { params: { userId }, ifMatch }: UserRequest): Promise<Outcome> =>
  idempotently(services, undefined, async () => {
    const user = await services.users.find(userId);
    if (!user) return notThere(userId);
    if (ifMatch !== undefined && ifMatch !== user.version) return stale(userId, user.version);
    const free = await unused(services, userId);
    if (!free.accepted) return free;
    const transaction = new Transaction();
    services.users.remove(transaction, user);
    await services.table.transact(transaction);
    return { accepted: true, body: { id: userId, version: user.version, deleted: true } };
  });

const unused = async (services: PeopleServices, userId: string): Promise<Decision<undefined>> => {
  const head = await services.settings.head();
  const teams = (await teamsOf(services, userId, head)).map(({ id }) => `team ${id}`);
  const uses = [...teams, ...(await usesOfOwner(services, userId, head))];
  return uses.length > 0 ? refuse('IN_USE', `${userId} is still named by ${uses.join(', ')}`) : accept(undefined);
};

/** What names a user or team as somebody who gets cases: open cases, queues, rules and channels. */
export const usesOfOwner = async (
  { table, settings }: Pick<Services, 'table' | 'settings'>,
  ownerId: string,
  head: SettingsHead,
): Promise<string[]> => {
  const [open, queues, ruleSets, channels] = await Promise.all([
    table.page({ index: 2, partition: ownerCases(ownerId, 'active'), limit: 1 }),
    settings.queues.all(head),
    settings.ruleSets.all(head),
    settings.channels.all(head),
  ]);
  return [
    ...(open.items.length > 0 ? ['open cases'] : []),
    ...queues
      .filter(({ document: queue }) => queue.ownerId === ownerId || queue.members.includes(ownerId))
      .map(({ id }) => `queue ${id}`),
    ...ruleSets
      .filter(({ document }) => document.rules.some((rule) => 'ownerId' in rule && rule.ownerId === ownerId))
      .map(({ id }) => `rule set ${id}`),
    ...channels
      .filter(({ document }) => openedBy(document).some((fields) => fields.ownerId === ownerId))
      .map(({ id }) => `channel ${id}`),
  ];
};
