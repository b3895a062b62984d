import type { CaseFile } from '../../domain/cases/case-file.ts';
import { caseLookup } from '../../domain/cases/case-lookup.ts';
import { DEFAULT_QUEUE_ID } from '../../domain/queues/queue.ts';
import { chooseTarget, type RoutingTarget } from '../../domain/routing/choose-target.ts';
import { routeCase as decideRoute, type RouteCase } from '../../domain/routing/route-case.ts';
import type { SettingsHead } from '../../domain/settings/kinds.ts';
import type { Outcome } from '../api/api.ts';
import { type CaseRequest, type CommandServices, commandOnCase } from '../cases/command.ts';
import { findQueue } from '../references.ts';
import type { Services } from '../services.ts';

/** Where the active rules send a case. A target queue that is gone meanwhile is replaced by the default queue. */
export const targetByRules = async (
  { settings, customers }: Pick<Services, 'settings' | 'customers'>,
  head: SettingsHead,
  file: CaseFile,
): Promise<RoutingTarget> => {
  const [ruleSet, customer] = await Promise.all([settings.activeRuleSet(head), customers.find(file.case.customerId)]);
  const target = chooseTarget(ruleSet, caseLookup(file.case, customer));
  const { queueId } = target;
  if (!queueId || (await settings.queues.find(queueId, head))) return target;
  return { ...target, queueId: DEFAULT_QUEUE_ID, because: `${target.because}; the queue ${queueId} is gone` };
};

/** Routes an active case on demand: to the named queue, or by the rules. */
export const routeCase = (services: CommandServices, request: CaseRequest<RouteCase>): Promise<Outcome> =>
  commandOnCase(services, request, async ({ file, now, head }) => {
    const queue = await findQueue(services, head, request.body.queueId);
    if (!queue.accepted) return queue;
    const target = queue.value
      ? { queueId: queue.value.id, because: `${request.caller.userId} chose the queue` }
      : await targetByRules(services, head, file);
    return decideRoute(file, target, now);
  });
