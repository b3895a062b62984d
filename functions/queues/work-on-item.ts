import { pickCase as decidePick, type QueueAt } from '../../domain/queues/pick-case.ts';
import type { Queue } from '../../domain/queues/queue.ts';
import { releaseCase as decideRelease } from '../../domain/queues/release-case.ts';
import { type Refusal, refuse } from '../../domain/refusal.ts';
import type { SettingsHead } from '../../domain/settings/kinds.ts';
import type { Outcome, Request } from '../api/api.ts';
import { type CommandServices, commandOnCase } from '../cases/command.ts';
import { withTeams } from '../people/memberships.ts';
import { ownerOf } from '../people/owners.ts';

type ItemRequest = Request<{ queueId: string; caseId: string }, unknown, unknown>;

/** Picks a queue's case: the caller works on it. */
export const pickCase = (services: CommandServices, request: ItemRequest): Promise<Outcome> =>
  commandOnCase(services, request, async ({ file, now, head }) => {
    const at = await queueAt(services, request, head);
    const { userId } = request.caller;
    if ((await services.users.known(userId, head))?.active === false) {
      return refuse('FORBIDDEN', `The user ${userId} is deactivated`);
    }
    return 'code' in at ? at : decidePick(file, at, await withTeams(services, request.caller, head), now);
  });

/** Releases a queue's case. */
export const releaseCase = (services: CommandServices, request: ItemRequest): Promise<Outcome> =>
  commandOnCase(services, request, async ({ file, now, head }) => {
    const at = await queueAt(services, request, head);
    if ('code' in at) return at;
    return decideRelease(file, { ...at, queue: await asOwned(services, head, at.queue) }, request.caller, now);
  });

/** A queue as released cases find it: an owner who can be given cases no longer owns none of them. */
export const asOwned = async (
  services: Pick<CommandServices, 'settings' | 'users'>,
  head: SettingsHead,
  queue: Queue,
): Promise<Queue> =>
  queue.ownerId && !(await ownerOf(services, head, queue.ownerId)) ? { ...queue, ownerId: undefined } : queue;

const queueAt = async (
  { settings }: CommandServices,
  { params: { queueId } }: ItemRequest,
  head: SettingsHead,
): Promise<QueueAt | Refusal> => {
  const queue = await settings.queues.find(queueId, head);
  return queue ? { queueId, queue: queue.document } : refuse('NOT_FOUND', `There is no queue ${queueId}`);
};
