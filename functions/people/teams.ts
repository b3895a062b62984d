import { asOwner } from '../../domain/people/owner.ts';
import type { Team } from '../../domain/people/team.ts';
import type { Outcome, Request } from '../api/api.ts';
import { findQueue } from '../references.ts';
import { deleteSetting, putSetting } from '../settings/documents.ts';
import { type PeopleServices, usesOfOwner } from './users.ts';

type IdRequest<Body = unknown> = Request<{ id: string }, unknown, Body>;

/** Creates or replaces a team. A member need not have come yet: the first sign-in makes a user known. */
export const putTeam = (services: PeopleServices, request: IdRequest<Team>): Promise<Outcome> =>
  putSetting(services, services.settings.teams, request, async (_id, { defaultQueueId }) =>
    findQueue(services, await services.settings.head(), defaultQueueId, 'defaultQueueId'),
  );

/** Removes a team that owns no open case and that no queue or rule names. */
export const deleteTeam = (services: PeopleServices, request: IdRequest): Promise<Outcome> =>
  deleteSetting(services, services.settings.teams, request, async (id) => {
    const uses = await usesOfOwner(services, asOwner(id), await services.settings.head());
    return uses.length > 0 ? `The team ${id} is still named by ${uses.join(', ')}` : undefined;
  });
