import type { Caller, CaseFile } from '../../domain/cases/case-file.ts';
import { maySee } from '../../domain/queues/access.ts';
import type { Queue } from '../../domain/queues/queue.ts';
import type { SettingsHead } from '../../domain/settings/kinds.ts';
import { withCustomers, withTeams } from '../people/memberships.ts';
import type { Services } from '../services.ts';

/** Whether a caller may know of a case. Who may not is told that there is none. */
export const isVisible = async (
  { settings }: Pick<Services, 'settings'>,
  file: CaseFile,
  caller: Caller,
  at?: SettingsHead,
): Promise<boolean> => {
  const queueId = file.placement?.queueId;
  const queue = queueId ? await queueOf(settings, queueId, at) : undefined;
  const known = await withTeams({ settings }, caller, at);
  return maySee(file, queue, await withCustomers({ settings }, known, at));
};

/** Whether a queue hides its cases from all but its members. */
export const isPrivateQueue = async (
  settings: Services['settings'],
  queueId: string,
  at?: SettingsHead,
): Promise<boolean> => (await queueOf(settings, queueId, at))?.visibility === 'private';

/** A queue that is gone goes on protecting the cases that were closed in it, as it last did. */
const queueOf = async (
  { queues }: Services['settings'],
  queueId: string,
  at: SettingsHead | undefined,
): Promise<Queue | undefined> => {
  const queue = await queues.find(queueId, at);
  if (queue) return queue.document;
  const { version } = await queues.latest(queueId);
  return (await queues.version(queueId, version))?.document;
};

/** The case that a caller asks for, or nothing when there is none that they may know of. */
export const loadVisible = async (
  services: Pick<Services, 'cases' | 'settings'>,
  caseId: string,
  caller: Caller,
  at?: SettingsHead,
): Promise<CaseFile | undefined> => {
  const file = await services.cases.load(caseId);
  return file && (await isVisible(services, file, caller, at)) ? file : undefined;
};
