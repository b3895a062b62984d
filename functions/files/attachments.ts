import type { z } from 'zod';
import type { AttachedFile } from '../../domain/activities/activity.ts';
import type { CaseFile } from '../../domain/cases/case-file.ts';
import { MAX_FILE_BYTES, plainName, whyNotKept } from '../../domain/files/judge-file.ts';
import { survivorOf } from '../../domain/merge/survivor-of.ts';
import { accept, type Decision, invalid, refuse } from '../../domain/refusal.ts';
import { type Instant, toInstant, toMs } from '../../domain/time.ts';
import type { Outcome, Request } from '../api/api.ts';
import { loadVisible } from '../cases/access.ts';
import { type CaseRequest, loadForCommand } from '../cases/command.ts';
import { idempotently } from '../idempotently.ts';
import type { Services } from '../services.ts';
import type { Attachment } from '../table/attachment-store.ts';
import { answerItem } from '../table/idempotency.ts';
import { Transaction } from '../table/transaction.ts';
import type { CreateAttachment } from './attachments.routes.ts';
import type { Address, FileStore } from './file-store.ts';

export type FileServices = Pick<
  Services,
  'table' | 'cases' | 'settings' | 'attachments' | 'ids' | 'now' | 'backOff'
> & {
  files: FileStore;
};

const until = ({ seconds }: Address, now: Instant): Instant => toInstant(toMs(now) + seconds * 1000);

/** Says where a file can be uploaded. It belongs to the case from now on, and to an activity once one names it. */
export const createAttachment = (
  services: FileServices,
  request: CaseRequest<z.infer<typeof CreateAttachment>>,
): Promise<Outcome> =>
  idempotently(services, request.idempotent, async () => {
    const { body, caller, idempotent } = request;
    const found = await loadForCommand(services, request, await services.settings.head());
    if (!found.accepted) return found;
    const why = whyNotKept(body);
    if (why === 'tooLarge') return refuse('PAYLOAD_TOO_LARGE', `A file has at most ${MAX_FILE_BYTES} bytes`);
    if (why) return refuse('UNSUPPORTED_MEDIA_TYPE', `Files such as ${body.name} are not kept`);
    const now = services.now();
    const attachment: Attachment = {
      attachmentId: services.ids.random(),
      caseId: found.value.case.caseId,
      ...body,
      name: plainName(body.name),
      createdOn: now,
      createdBy: caller.userId,
    };
    const address = await services.files.uploadAddress(attachment.attachmentId, body);
    const answer = {
      ...attachment,
      uploadUrl: address.url,
      headers: address.headers,
      expiresAt: until(address, now),
    };
    const transaction = new Transaction();
    services.attachments.create(transaction, attachment);
    if (idempotent) transaction.create(answerItem(idempotent, 201, answer, now));
    await services.table.transact(transaction);
    return { accepted: true, body: answer };
  });

/** Says where a file can be fetched, to those who may know of its case; merged cases' files are their survivor's. */
export const getAttachment = async (
  services: FileServices,
  { params: { caseId, attachmentId }, caller }: Request<{ caseId: string; attachmentId: string }, unknown, unknown>,
): Promise<Outcome> => {
  const file = await loadVisible(services, caseId, caller);
  const attachment = file && (await attachmentOf(services, file, attachmentId));
  const size = attachment && (await services.files.sizeOf(attachmentId));
  if (!attachment || size === undefined) return refuse('NOT_FOUND', `There is no file ${attachmentId} on this case`);
  const address = await services.files.downloadAddress(attachmentId, attachment);
  const expiresAt = until(address, services.now());
  return { accepted: true, body: { ...attachment, size, url: address.url, expiresAt } };
};

const attachmentOf = async (
  { attachments, cases }: Pick<FileServices, 'attachments' | 'cases'>,
  file: CaseFile,
  attachmentId: string,
): Promise<Attachment | undefined> => {
  const attachment = await attachments.find(attachmentId);
  if (!attachment || attachment.caseId === file.case.caseId) return attachment;
  const owner = await cases.load(attachment.caseId);
  const survivor = owner && (await survivorOf(owner, cases.load));
  return survivor?.case.caseId === file.case.caseId ? attachment : undefined;
};

/** What it takes to look up the files that a body names. */
export type NamedFileServices = Pick<Services, 'attachments' | 'cases'> & { files: Pick<FileStore, 'sizeOf'> };

/** The files that a body names, as its activity shows them: each is of this case, and has been uploaded. */
export const findFiles = async (
  services: NamedFileServices,
  file: CaseFile,
  attachmentIds: readonly string[] = [],
): Promise<Decision<AttachedFile[], 'VALIDATION_FAILED'>> => {
  const found: AttachedFile[] = [];
  for (const [n, attachmentId] of attachmentIds.entries()) {
    const attachment = await attachmentOf(services, file, attachmentId);
    const size = attachment && (await services.files.sizeOf(attachmentId));
    if (!attachment || size === undefined) {
      return invalid(`attachmentIds.${n}`, `no file ${attachmentId} has been uploaded to this case`);
    }
    const { name, contentType } = attachment;
    found.push({ attachmentId, name, contentType, size, state: 'stored' });
  }
  return accept(found);
};
