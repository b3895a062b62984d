import type { Team } from './team.ts';
import type { User } from './user.ts';

/** What somebody can do: their skills and languages, and the skills of the teams that they are in. */
export const skillsOf = (
  { skills = [], languages = [] }: Pick<User, 'skills' | 'languages'>,
  teams: readonly Pick<Team, 'skills'>[],
): ReadonlySet<string> => new Set([...skills, ...languages, ...teams.flatMap((team) => team.skills ?? [])]);

/** Whether all that a rule asks for is there. */
export const haveAll = (held: ReadonlySet<string>, required: readonly string[]): boolean =>
  required.every((skill) => held.has(skill));
