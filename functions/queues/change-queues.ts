import { openedBy } from '../../domain/channels/channel.ts';
import { teamIdOf } from '../../domain/people/owner.ts';
import type { Queue } from '../../domain/queues/queue.ts';
import { accept, type Decision, invalid, refuse } from '../../domain/refusal.ts';
import type { Action } from '../../domain/sla/action.ts';
import type { Outcome, Request } from '../api/api.ts';
import { idempotently } from '../idempotently.ts';
import type { Services } from '../services.ts';
import { deleteSetting, putSetting, type SettingServices } from '../settings/documents.ts';
import { answerItem } from '../table/idempotency.ts';
import { queueItems } from '../table/keys.ts';
import { Transaction } from '../table/transaction.ts';

export type QueueServices = SettingServices & Pick<Services, 'ids' | 'users'>;

/** What a queue must satisfy besides its schema. Teams are set up first; users may come after the queues they are in. */
export const checkQueue = async (
  { settings }: Pick<Services, 'settings'>,
  { ownerId, members }: Queue,
): Promise<Decision<undefined>> => {
  const named = [
    ...(ownerId ? [['ownerId', ownerId] as const] : []),
    ...members.map((id, n) => [`members.${n}`, id] as const),
  ];
  const head = await settings.head();
  for (const [path, id] of named) {
    const teamId = teamIdOf(id);
    if (teamId && !(await settings.teams.find(teamId, head))) return invalid(path, `there is no team ${teamId}`);
  }
  return accept(undefined);
};

/** Creates a queue. An id that is taken is refused: nothing is overwritten. */
export const createQueue = (
  services: QueueServices,
  { body, caller, idempotent }: Request<unknown, unknown, Queue & { id?: string }>,
): Promise<Outcome> =>
  idempotently(services, idempotent, async () => {
    const { id = services.ids.random(), ...queue } = body;
    const { queues } = services.settings;
    if (await queues.find(id)) return refuse('IN_USE', `There is a queue ${id} already`);
    const checked = await checkQueue(services, queue);
    if (!checked.accepted) return checked;
    const now = services.now();
    const transaction = new Transaction();
    const version = queues.put(transaction, id, queue, await queues.latest(id), { by: caller.userId, now });
    const view = { id, version, ...queue };
    if (idempotent) transaction.create(answerItem(idempotent, 201, view, now));
    await services.table.transact(transaction);
    return { accepted: true, body: view };
  });

/** Creates or replaces a queue. */
export const putQueue = (services: QueueServices, request: Request<{ id: string }, unknown, Queue>): Promise<Outcome> =>
  putSetting(services, services.settings.queues, request, (_id, queue) => checkQueue(services, queue));

/** Removes a queue that is empty, that no rule and no action names, and that is nobody's default queue. */
export const deleteQueue = (
  services: QueueServices,
  request: Request<{ id: string }, unknown, unknown>,
): Promise<Outcome> =>
  deleteSetting(services, services.settings.queues, request, async (id) => {
    const { items } = await services.table.page({ index: 1, partition: queueItems(id), limit: 1 });
    if (items.length > 0) return `${id} still has cases`;
    const sets = (await services.settings.ruleSets.all()).filter(
      ({ document: { rules, defaultQueueId } }) =>
        defaultQueueId === id || rules.some((rule) => 'queueId' in rule && rule.queueId === id),
    );
    const slas = (await services.settings.slas.all()).filter(({ document: { items } }) =>
      items.some((item) => Object.values(item.actions ?? {}).some((actions) => actions?.some(routesTo(id)))),
    );
    const teams = (await services.settings.teams.all()).filter(({ document }) => document.defaultQueueId === id);
    const channels = (await services.settings.channels.all()).filter(
      ({ document }) => document.queueId === id || openedBy(document).some((fields) => fields.queueId === id),
    );
    if (await services.users.nameQueue(id)) return `${id} is the default queue of users`;
    const users = [...sets, ...slas, ...teams, ...channels].map((setting) => setting.id);
    return users.length > 0 ? `The queue is named by ${users.join(', ')}` : undefined;
  });

const routesTo =
  (queueId: string) =>
  (action: Action): boolean =>
    action.type === 'routeToQueue' && action.queueId === queueId;
