import type { Caller } from '../cases/case-file.ts';

const TEAM = 'team:';

/** How a team is named where an owner or a member is named. */
export const asOwner = (teamId: string): string => `${TEAM}${teamId}`;

/** The team that an owner or member is, or nothing when it is a user. */
export const teamIdOf = (ownerId: string): string | undefined =>
  ownerId.startsWith(TEAM) ? ownerId.slice(TEAM.length) : undefined;

/** Whether an owner or member is this caller, or a team of theirs. */
export const isOrIncludes = (ownerId: string | undefined, { userId, teamIds = [] }: Caller): boolean =>
  ownerId !== undefined &&
  [userId, `user:${userId}`, ...teamIds.map((teamId) => asOwner(teamId))].some((id) => id === ownerId);

/** Somebody who can be given cases: an active user or a team. */
export interface Owner {
  readonly ownerId: string;
  /** Where a case stands that is given to them and stands in no queue. */
  readonly defaultQueueId?: string;
}
