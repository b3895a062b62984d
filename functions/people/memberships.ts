import type { Caller, Versioned } from '../../domain/cases/case-file.ts';
import type { Team } from '../../domain/people/team.ts';
import type { SettingsHead } from '../../domain/settings/kinds.ts';
import type { Services } from '../services.ts';

type Teams = readonly Versioned<Team>[];

/** One list of teams is one object for as long as no team changes, and so is what is computed from it. */
const byMember = new WeakMap<Teams, ReadonlyMap<string, Teams>>();

const membersOf = (teams: Teams): ReadonlyMap<string, Teams> => {
  const known = byMember.get(teams);
  if (known) return known;
  const found = new Map<string, Versioned<Team>[]>();
  for (const team of teams) {
    for (const userId of team.document.members) found.set(userId, [...(found.get(userId) ?? []), team]);
  }
  byMember.set(teams, found);
  return found;
};

/** The teams that a user is in, as of a head: who joins or leaves does so for every queue and case from then on. */
export const teamsOf = async (
  { settings }: Pick<Services, 'settings'>,
  userId: string,
  at?: SettingsHead,
): Promise<Teams> => membersOf(await settings.teams.all(at)).get(userId) ?? [];

/** The caller with the customers that they are held to, if they are a machine. */
export const withCustomers = async (
  { settings }: Pick<Services, 'settings'>,
  caller: Caller,
  at?: SettingsHead,
): Promise<Caller> => {
  const setUp = caller.roles.includes('integration') ? await settings.integrations.find(caller.userId, at) : undefined;
  return setUp ? { ...caller, customerIds: setUp.document.customers } : caller;
};

/** The caller with the teams that they are in. */
export const withTeams = async (
  services: Pick<Services, 'settings'>,
  caller: Caller,
  at?: SettingsHead,
): Promise<Caller> => ({ ...caller, teamIds: (await teamsOf(services, caller.userId, at)).map(({ id }) => id) });
