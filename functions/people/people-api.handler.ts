import { api, on } from '../api/api.ts';
import { functionEnv, readEnv } from '../env.ts';
import { logger } from '../logger.ts';
import { services } from '../services.ts';
import { getSetting, listSettings } from '../settings/documents.ts';
import { peopleRoutes as routes } from './people.routes.ts';
import { signIn } from './sign-in.ts';
import { deleteTeam, putTeam } from './teams.ts';
import { deleteUser, getUser, listUsers, putUser } from './users.ts';

const deps = services(readEnv(functionEnv.peopleApi).TABLE_NAME);
const { teams } = deps.settings;

export const handler = api(
  logger,
  on(routes.listUsers, (request) => listUsers(deps, request)),
  on(routes.getUser, (request) => getUser(deps, request)),
  on(routes.putUser, (request) => putUser(deps, request)),
  on(routes.deleteUser, (request) => deleteUser(deps, request)),
  on(routes.listTeams, (request) => listSettings(teams, request)),
  on(routes.getTeam, (request) => getSetting(teams, request)),
  on(routes.putTeam, (request) => putTeam(deps, request)),
  on(routes.deleteTeam, (request) => deleteTeam(deps, request)),
).use(signIn(deps));
