import { CANARY_ID, isCanary } from '../../domain/canary/canary.ts';
import type { CaseChange, CaseFile, Rules } from '../../domain/cases/case-file.ts';
import type { Decision } from '../../domain/refusal.ts';
import { dismissSpam } from '../../domain/routing/dismiss-spam.ts';
import { routeCase as decideRoute, type RouteCase } from '../../domain/routing/route-case.ts';
import type { SettingsHead } from '../../domain/settings/kinds.ts';
import type { Instant } from '../../domain/time.ts';
import type { Outcome } from '../api/api.ts';
import { type CaseRequest, type CommandServices, commandOnCase } from '../cases/command.ts';
import { findQueue, withAccount } from '../references.ts';
import type { Services } from '../services.ts';
import { chooseTarget, type RoutingServices } from './choose-target.ts';

/** Decides where the active rules send a case, or that one of them dismisses it as spam. */
export const routeByRules = async (
  services: RoutingServices & Pick<Services, 'customers' | 'ids'>,
  { file, rules, head, now, by }: { file: CaseFile; rules: Rules; head: SettingsHead; now: Instant; by: string },
): Promise<Decision<CaseChange>> => {
  if (isCanary(file.case))
    return decideRoute(file, { queueId: CANARY_ID, because: 'the service opened it for itself' }, now);
  const { settings, customers, ids } = services;
  const [ruleSet, customer] = await Promise.all([settings.activeRuleSet(head), customers.find(file.case.customerId)]);
  const known = customer && (await withAccount({ customers }, customer));
  const { activeChildren } = file.family;
  const about = { case: file.case, customer: known?.customer, activeChildren };
  const { target } = await chooseTarget(services, head, ruleSet, about);
  return target.spam
    ? dismissSpam(file, target, { rules, by, now, cascadeId: ids.random() })
    : decideRoute(file, target, now);
};

/** Routes an active case on demand: to the named queue, or by the rules. */
export const routeCase = (services: CommandServices, request: CaseRequest<RouteCase>): Promise<Outcome> =>
  commandOnCase(services, request, async ({ file, rules, now, head }) => {
    const { userId: by } = request.caller;
    const queue = await findQueue(services, head, request.body.queueId);
    if (!queue.accepted) return queue;
    if (!queue.value) return routeByRules(services, { file, rules, head, now, by });
    return decideRoute(file, { queueId: queue.value.id, because: `${by} chose the queue` }, now);
  });
