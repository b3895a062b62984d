import { api, on } from '../api/api.ts';
import { functionEnv, readEnv } from '../env.ts';
import { logger } from '../logger.ts';
import { signIn } from '../people/sign-in.ts';
import { services } from '../services.ts';
import {
  adjustEntitlement,
  changeEntitlementState,
  createEntitlement,
  createEntitlementOf,
  patchEntitlement,
  putEntitlement,
  renewEntitlement,
} from './change-entitlements.ts';
import { entitlementRoutes as routes } from './entitlements.routes.ts';
import { getEntitlement, listEntitlements, listMovements } from './read-entitlements.ts';

const deps = services(readEnv(functionEnv.entitlementsApi).TABLE_NAME);

export const handler = api(
  logger,
  on(routes.create, (request) => createEntitlement(deps, request)),
  on(routes.createOfCustomer, (request) => createEntitlementOf(deps, request)),
  on(routes.list, (request) => listEntitlements(deps, request)),
  on(routes.get, (request) => getEntitlement(deps, request)),
  on(routes.put, (request) => putEntitlement(deps, request)),
  on(routes.patch, (request) => patchEntitlement(deps, request)),
  on(routes.activate, (request) => changeEntitlementState(deps, request, 'activate')),
  on(routes.deactivate, (request) => changeEntitlementState(deps, request, 'deactivate')),
  on(routes.cancel, (request) => changeEntitlementState(deps, request, 'cancel')),
  on(routes.renew, (request) => renewEntitlement(deps, request)),
  on(routes.adjust, (request) => adjustEntitlement(deps, request)),
  on(routes.movements, (request) => listMovements(deps, request)),
).use(signIn(deps));
