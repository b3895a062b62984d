import { api, on } from '../api/api.ts';
import { functionEnv, readEnv } from '../env.ts';
import { logger } from '../logger.ts';
import { signIn } from '../people/sign-in.ts';
import { services } from '../services.ts';
import { routingRoutes as routes } from './routing.routes.ts';
import { simulateRouting } from './simulate.ts';

const deps = services(readEnv(functionEnv.routingApi).TABLE_NAME);

export const handler = api(
  logger,
  on(routes.simulate, (request) => simulateRouting(deps, request)),
).use(signIn(deps, { records: false }));
