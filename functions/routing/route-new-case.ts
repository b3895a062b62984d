import { type CaseEvent, ROUTING_CAUSE } from '../../domain/facts/fact.ts';
import { withClocksFollowing } from '../../domain/sla/followed-change.ts';
import { rulesOfCase } from '../cases/rules-of-case.ts';
import { retryingLostRaces } from '../lost-races.ts';
import { NotYetVisible, unlessBusy } from '../reactions/faults.ts';
import type { Services } from '../services.ts';
import { routeByRules } from './route-case.ts';

type RoutingServices = Pick<Services, 'cases' | 'settings' | 'customers' | 'users' | 'ids' | 'now' | 'backOff'>;

/** Routes a case that still waits for it. One that was placed, assigned by hand or closed meanwhile stays where it is. */
export const routeNewCase = async (
  services: RoutingServices,
  { caseId, correlationId }: Pick<CaseEvent, 'caseId' | 'correlationId'>,
): Promise<void> => {
  unlessBusy(
    await retryingLostRaces(services, async () => {
      const [head, file] = await Promise.all([services.settings.head(), services.cases.load(caseId)]);
      if (!file) throw new NotYetVisible(`case ${caseId}`);
      if (file.placement?.state !== 'awaitingRouting' || file.case.status !== 'active') return;
      const now = services.now();
      const rules = await rulesOfCase(services, head, file);
      const decision = await routeByRules(services, { file, rules, head, now, by: 'system' });
      if (!decision.accepted) return;
      const change = withClocksFollowing(decision.value, rules, now);
      await services.cases.commit([change], { now, actor: 'system', cause: ROUTING_CAUSE, correlationId });
    }),
  );
};
