import { declareRoute } from '../api/route.ts';
import { RoutingSimulation, SimulateRouting } from './simulate.ts';

/** The routes of routing that belong to no case. */
export const routingRoutes = {
  simulate: declareRoute({
    method: 'POST',
    path: '/v1/routing/simulations',
    tag: 'Queues',
    summary: 'Ask where the rules would send a case, and why',
    description: 'Runs the same decisions as the real routing.',
    roles: ['agent'],
    body: SimulateRouting,
    answer: RoutingSimulation,
  }),
};
