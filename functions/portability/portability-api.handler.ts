import { api, on } from '../api/api.ts';
import { functionEnv, readEnv } from '../env.ts';
import { logger } from '../logger.ts';
import { signIn } from '../people/sign-in.ts';
import { services } from '../services.ts';
import { exportCases } from './export-cases.ts';
import { importCases } from './import-cases.ts';
import { importCustomers } from './import-customers.ts';
import { portabilityRoutes as routes } from './portability.routes.ts';

const deps = services(readEnv(functionEnv.portabilityApi).TABLE_NAME);

export const handler = api(
  logger,
  on(routes.exportCases, (request) => exportCases(deps, request)),
  on(routes.importCases, (request) => importCases(deps, request)),
  on(routes.importCustomers, (request) => importCustomers(deps, request)),
).use(signIn(deps));
