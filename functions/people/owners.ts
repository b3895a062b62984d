import type { CaseFile } from '../../domain/cases/case-file.ts';
import { type Owner, teamIdOf } from '../../domain/people/owner.ts';
import { accept, invalid } from '../../domain/refusal.ts';
import type { SettingsHead } from '../../domain/settings/kinds.ts';
import type { Found } from '../references.ts';
import type { Services } from '../services.ts';

type OwnerServices = Pick<Services, 'settings' | 'users'>;

/** The active user or the team that an id names, or nothing when cases cannot be given to them. */
export const ownerOf = async (
  { settings, users }: OwnerServices,
  head: SettingsHead,
  ownerId: string,
): Promise<Owner | undefined> => {
  const teamId = teamIdOf(ownerId);
  const owner = teamId ? (await settings.teams.find(teamId, head))?.document : await users.known(ownerId, head);
  if (!owner || ('active' in owner && !owner.active)) return undefined;
  return { ownerId, ...(owner.defaultQueueId && { defaultQueueId: owner.defaultQueueId }) };
};

/** The owner that a body names; nothing when none is named. */
export const findOwner = async (
  services: OwnerServices,
  head: SettingsHead,
  ownerId: string | undefined,
  path = 'ownerId',
): Promise<Found<Owner | undefined>> => {
  if (!ownerId) return accept(undefined);
  const owner = await ownerOf(services, head, ownerId);
  return owner ? accept(owner) : invalid(path, `there is no active user or team ${ownerId}`);
};

/** A case as children inherit from it: whoever owned it and has left since is not handed on. */
export const asParent = async <File extends CaseFile | undefined>(
  services: OwnerServices,
  head: SettingsHead,
  parent: File,
): Promise<File> => {
  const ownerId = parent?.case.ownerId;
  if (!parent || !ownerId || (await ownerOf(services, head, ownerId))) return parent;
  return { ...parent, case: { ...parent.case, ownerId: undefined } };
};
