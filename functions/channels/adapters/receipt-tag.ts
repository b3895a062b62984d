import { z } from 'zod';
import type { OutboundMessage } from './adapter.ts';

const Tag = z.tuple([z.uuid(), z.uuid()]);

/** What a message is sent with, for its provider to say in receipts. */
export const tagOf = ({ caseId, messageId }: Pick<OutboundMessage, 'caseId' | 'messageId'>): string =>
  `${caseId}_${messageId}`;

/** Which message of ours a receipt is about; nothing for those that were sent by others, or without a tag. */
export const taggedBy = (tag: string | undefined): { caseId: string; activityId: string } | undefined => {
  const read = Tag.safeParse(tag?.split('_'));
  return read.success ? { caseId: read.data[0], activityId: read.data[1] } : undefined;
};
