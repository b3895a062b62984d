import type { Caller, CaseFile } from '../../domain/cases/case-file.ts';
import { maySee } from '../../domain/queues/access.ts';
import type { SettingsHead } from '../../domain/settings/kinds.ts';
import type { Services } from '../services.ts';

/** Whether a caller may know of a case. Who may not is told that there is none. */
export const isVisible = async (
  { settings }: Pick<Services, 'settings'>,
  file: CaseFile,
  caller: Caller,
  at?: SettingsHead,
): Promise<boolean> => {
  const queueId = file.placement?.queueId;
  const queue = queueId ? await settings.queues.find(queueId, at) : undefined;
  return maySee(file, queue?.document, caller);
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
