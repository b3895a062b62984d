import { simulate } from '../../domain/sla/simulate.ts';
import { api, on } from '../api/api.ts';
import { logger } from '../logger.ts';
import { slaRoutes as routes } from './sla.routes.ts';

export const handler = api(
  logger,
  on(routes.simulate, async ({ body }) => {
    const decision = simulate(body);
    return decision.accepted ? { accepted: true, body: decision.value } : decision;
  }),
);
