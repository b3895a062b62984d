import { SimulationRequest, SimulationResult } from '../../domain/sla/simulate.ts';
import { declareRoute } from '../api/route.ts';

/** The routes of SLA that belong to no case. */
export const slaRoutes = {
  simulate: declareRoute({
    method: 'POST',
    path: '/v1/sla/simulations',
    tag: 'SLA',
    summary: 'Let a clock live through a list of events, without a case',
    description: 'Runs the same decisions as the real clocks.',
    roles: ['agent'],
    body: SimulationRequest,
    answer: SimulationResult,
    refusals: ['CALENDAR_NEVER_OPEN'],
  }),
};
