import { pickCase as decidePick, type QueueAt } from '../../domain/queues/pick-case.ts';
import { releaseCase as decideRelease } from '../../domain/queues/release-case.ts';
import { type Refusal, refuse } from '../../domain/refusal.ts';
import type { SettingsHead } from '../../domain/settings/kinds.ts';
import type { Outcome, Request } from '../api/api.ts';
import { type CommandServices, commandOnCase } from '../cases/command.ts';

type ItemRequest = Request<{ queueId: string; caseId: string }, unknown, unknown>;

/** Picks a queue's case: the caller works on it. */
export const pickCase = (services: CommandServices, request: ItemRequest): Promise<Outcome> =>
  commandOnCase(services, request, async ({ file, now, head }) => {
    const at = await queueAt(services, request, head);
    return 'code' in at ? at : decidePick(file, at, request.caller, now);
  });

/** Releases a queue's case. */
export const releaseCase = (services: CommandServices, request: ItemRequest): Promise<Outcome> =>
  commandOnCase(services, request, async ({ file, now, head }) => {
    const at = await queueAt(services, request, head);
    return 'code' in at ? at : decideRelease(file, at, request.caller, now);
  });

const queueAt = async (
  { settings }: CommandServices,
  { params: { queueId } }: ItemRequest,
  head: SettingsHead,
): Promise<QueueAt | Refusal> => {
  const queue = await settings.queues.find(queueId, head);
  return queue ? { queueId, queue: queue.document } : refuse('NOT_FOUND', `There is no queue ${queueId}`);
};
