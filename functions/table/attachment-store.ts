import { z } from 'zod';
import { Instant } from '../../domain/time.ts';
import { attachmentKey } from './keys.ts';
import type { Table } from './table.ts';
import type { Transaction } from './transaction.ts';

/** A file of a case. Its bytes lie elsewhere, under its id. */
export const Attachment = z.object({
  attachmentId: z.uuid(),
  caseId: z.uuid(),
  name: z.string(),
  contentType: z.string(),
  size: z.int().optional(),
  createdOn: Instant,
  createdBy: z.string(),
});
export type Attachment = z.infer<typeof Attachment>;

/** What is known of the files of cases. */
export interface AttachmentStore {
  find(attachmentId: string): Promise<Attachment | undefined>;
  create(transaction: Transaction, attachment: Attachment): void;
}

/** The store on a table. */
export const attachmentStore = (table: Table): AttachmentStore => ({
  async find(attachmentId) {
    const item = await table.get(attachmentKey(attachmentId));
    return item && Attachment.parse(item);
  },
  create: (transaction, attachment) =>
    transaction.create({ ...attachmentKey(attachment.attachmentId), entity: 'attachment', ...attachment }),
});
