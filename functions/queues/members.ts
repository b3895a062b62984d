import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { OwnerId } from '../../domain/cases/case.ts';
import { teamIdOf } from '../../domain/people/owner.ts';
import { Members } from '../../domain/queues/queue.ts';
import { invalid, type Refusal, refuse } from '../../domain/refusal.ts';
import type { SettingsHead } from '../../domain/settings/kinds.ts';
import type { Outcome, Request } from '../api/api.ts';
import { decodeCursor, encodeCursor } from '../api/cursor.ts';
import { idempotently } from '../idempotently.ts';
import type { Services } from '../services.ts';
import { stale, viewSetting } from '../settings/documents.ts';
import { Transaction } from '../table/transaction.ts';
import { checkQueue, type QueueServices } from './change-queues.ts';

type QueueRequest<Params = unknown, Query = unknown, Body = unknown> = Request<
  Params & { queueId: string },
  Query,
  Body
>;

/** A member as the API shows it: who they are just now. One who has not come yet has no name. */
export const Member = z
  .object({
    memberId: OwnerId,
    kind: z.enum(['user', 'team']),
    name: z.string().optional(),
    active: z.boolean().optional(),
  })
  .meta({ id: 'QueueMember' });
type Member = z.infer<typeof Member>;

/** The body that replaces all members of a queue. */
export const PutMembers = z.strictObject({ members: Members }).meta({ id: 'PutMembers' });

const noQueue = (queueId: string): Refusal => refuse('NOT_FOUND', `There is no queue ${queueId}`);

/** A page of a queue's members, by id. */
export const listMembers = async (
  services: QueueServices,
  { params: { queueId }, query }: QueueRequest<unknown, { limit: number; cursor?: string }>,
): Promise<Outcome> => {
  const list = `members ${queueId}`;
  const position = decodeCursor(list, query.cursor, z.string());
  if (!position.accepted) return position;
  const after = position.value ?? '';
  const head = await services.settings.head();
  const queue = await services.settings.queues.find(queueId, head);
  if (!queue) return noQueue(queueId);
  const rest = queue.document.members.filter((memberId) => memberId > after).sort();
  const page = rest.slice(0, query.limit);
  const last = page.at(-1);
  const items = await Promise.all(page.map((memberId) => describe(services, memberId, head)));
  const hasMore = rest.length > query.limit && last !== undefined;
  return { accepted: true, body: { items, ...(hasMore && { nextCursor: encodeCursor(list, last) }) } };
};

const describe = async (
  { settings, users }: Pick<Services, 'settings' | 'users'>,
  memberId: string,
  head: SettingsHead,
): Promise<Member> => {
  const teamId = teamIdOf(memberId);
  if (teamId) return { memberId, kind: 'team', name: (await settings.teams.find(teamId, head))?.document.name };
  const user = await users.known(memberId, head);
  return { memberId, kind: 'user', name: user?.name, active: user?.active };
};

/** Replaces all members of a queue. */
export const putMembers = (
  services: QueueServices,
  request: QueueRequest<unknown, unknown, z.infer<typeof PutMembers>>,
): Promise<Outcome> => changeMembers(services, request, () => request.body.members);

/** Makes a user or team a member; one that is a member already stays one. */
export const addMember = (services: QueueServices, request: QueueRequest<{ memberId: string }>): Promise<Outcome> =>
  changeMembers(services, request, (members) => [...members, request.params.memberId]);

/** Takes a member out of a queue; what they work on stays theirs. */
export const removeMember = (services: QueueServices, request: QueueRequest<{ memberId: string }>): Promise<Outcome> =>
  changeMembers(services, request, (members) => members.filter((member) => member !== request.params.memberId));

/**
 * A change of the queue as it is when the change is made: of two at once, the second is made again on what the first has
 * left. A change that changes nothing is no new version.
 */
const changeMembers = (
  services: QueueServices,
  { params: { queueId: id }, caller, ifMatch }: QueueRequest,
  change: (members: readonly string[]) => string[],
): Promise<Outcome> =>
  idempotently(services, undefined, async () => {
    const { queues } = services.settings;
    const latest = await queues.latest(id);
    const current = latest.isStored ? await queues.version(id, latest.version) : await queues.find(id);
    if (!current) return noQueue(id);
    if (ifMatch !== undefined && ifMatch !== current.version) return stale(id, current.version);
    const members = Members.safeParse(change(current.document.members));
    if (!members.success) return invalid('members', 'a queue has at most 1000 members');
    const queue = { ...current.document, members: members.data };
    const checked = await checkQueue(services, queue);
    if (!checked.accepted) return checked;
    if (isDeepStrictEqual(queue, current.document)) return { accepted: true, body: viewSetting(current) };
    const transaction = new Transaction();
    const version = queues.put(transaction, id, queue, latest, { by: caller.userId, now: services.now() });
    await services.table.transact(transaction);
    return { accepted: true, body: viewSetting({ id, version, document: queue }) };
  });
