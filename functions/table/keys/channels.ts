import { casePk, hashed, type Key } from './parts.ts';

/** Hashed: what providers call a message, or a conversation, may be any text. `scope` is how far the name reaches. */
export const messageKey = (scope: string, externalId: string): Key => ({
  PK: `MESSAGE#${hashed(scope, externalId)}`,
  SK: 'MESSAGE',
});

export const conversationKey = (scope: string, key: string): Key => ({
  PK: `CONVERSATION#${hashed(scope, key)}`,
  SK: 'CONVERSATION',
});

export const CHANNEL_CONTACT_PREFIX = 'CHANNEL#';

export const channelContactKey = (caseId: string, channelId: string): Key => ({
  PK: casePk(caseId),
  SK: `${CHANNEL_CONTACT_PREFIX}${channelId}`,
});

export const intakeCollection = (channelId: string): string => `INTAKE#${channelId}`;

export const intakeKey = (channelId: string, intakeId: string): Key => ({
  PK: intakeCollection(channelId),
  SK: intakeId,
});

export const rawMessageKey = (intakeId: string): Key => ({ PK: `INTAKE_RAW#${intakeId}`, SK: 'RAW' });
export const rateKey = (channelId: string, minute: string): Key => ({ PK: `RATE#${channelId}`, SK: minute });
export const attachmentKey = (attachmentId: string): Key => ({ PK: `ATTACHMENT#${attachmentId}`, SK: 'ATTACHMENT' });
