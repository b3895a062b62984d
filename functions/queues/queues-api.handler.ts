import { api, on } from '../api/api.ts';
import { CaseFilter } from '../cases/case-filter.ts';
import { listCases } from '../cases/list-cases.ts';
import { functionEnv, readEnv } from '../env.ts';
import { logger } from '../logger.ts';
import { signIn } from '../people/sign-in.ts';
import { services } from '../services.ts';
import { getSetting, listSettings } from '../settings/documents.ts';
import { createQueue, deleteQueue, putQueue } from './change-queues.ts';
import { addMember, listMembers, putMembers, removeMember } from './members.ts';
import { queueRoutes as routes } from './queues.routes.ts';
import { pickCase, releaseCase } from './work-on-item.ts';

const deps = services(readEnv(functionEnv.queuesApi).TABLE_NAME);
const { queues } = deps.settings;

export const handler = api(
  logger,
  on(routes.create, (request) => createQueue(deps, request)),
  on(routes.list, (request) => listSettings(queues, request)),
  on(routes.get, (request) => getSetting(queues, request)),
  on(routes.put, (request) => putQueue(deps, request)),
  on(routes.delete, (request) => deleteQueue(deps, request)),
  on(routes.items, async ({ params, query, ...request }) => {
    const queue = await getSetting(queues, { ...request, query, params: { id: params.queueId } });
    return queue.accepted
      ? listCases(deps, { ...request, params, query: CaseFilter.parse({ ...query, ...params }) })
      : queue;
  }),
  on(routes.members, (request) => listMembers(deps, request)),
  on(routes.putMembers, (request) => putMembers(deps, request)),
  on(routes.addMember, (request) => addMember(deps, request)),
  on(routes.removeMember, (request) => removeMember(deps, request)),
  on(routes.pick, (request) => pickCase(deps, request)),
  on(routes.release, (request) => releaseCase(deps, request)),
).use(signIn(deps));
