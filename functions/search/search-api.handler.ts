import { api, on } from '../api/api.ts';
import { functionEnv, readEnv } from '../env.ts';
import { logger } from '../logger.ts';
import { signIn } from '../people/sign-in.ts';
import { services } from '../services.ts';
import { searchRoutes as routes } from './search.routes.ts';
import { search } from './search.ts';

const deps = services(readEnv(functionEnv.searchApi).TABLE_NAME);

export const handler = api(
  logger,
  on(routes.search, (request) => search(deps, request)),
).use(signIn(deps, { records: false }));
