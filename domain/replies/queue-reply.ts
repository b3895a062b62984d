import { z } from 'zod';
import type { Activity, ActivityType, AttachedFile } from '../activities/activity.ts';
import { withEffects } from '../activities/add-activity.ts';
import { Slug } from '../cases/case.ts';
import type { Caller, CaseChange, CaseFile, Rules } from '../cases/case-file.ts';
import { withParticipants } from '../cases/participants.ts';
import type { Fact } from '../facts/fact.ts';
import { accept, type Decision, refuse } from '../refusal.ts';
import { type Instant, MINUTE, toInstant, toMs } from '../time.ts';
import type { Message } from './message.ts';

const address = z.string().trim().min(1).max(320);
const addresses = z.array(address).min(1).max(100);

/** The body of a reply. */
export const SendReply = z
  .strictObject({
    text: z.string().trim().min(1).max(64_000).optional().describe('May be left out with a template'),
    html: z.string().min(1).max(200_000).optional(),
    subject: z.string().trim().min(1).max(400).optional(),
    channelId: Slug.optional().describe('Default: the channel of the customer’s last message'),
    to: addresses.optional().describe('Default: who wrote the last message there'),
    cc: addresses.optional(),
    bcc: addresses.optional(),
    attachmentIds: z.array(z.uuid()).max(20).optional(),
    templateId: Slug.optional().describe('Of kind reply; `text` stands where the template says `{{ text }}`'),
    setStatusReason: z.string().min(1).optional().describe('Where the case goes with the reply'),
  })
  .meta({ id: 'SendReply' });
export type SendReply = z.infer<typeof SendReply>;

/** A message that is to leave by a channel. */
export interface QueuedMessage extends Message {
  activityId: string;
  channelId: string;
  type: ActivityType;
  templateId?: string;
  files?: readonly AttachedFile[];
  /** Whom it names besides: they take part in the case. Addresses in small letters. */
  people?: readonly string[];
}

export interface QueueContext {
  rules: Rules;
  caller: Caller;
  now: Instant;
}

/** A message that nobody has begun to send after this long is looked for. */
const LATE_MS = MINUTE;

/** The activity of a message that waits to be sent. */
const queued = (file: CaseFile, message: QueuedMessage, caller: Caller, now: Instant): Activity => {
  const { activityId, channelId, type, to, cc, bcc, subject, text, html, templateId, files, isAutomatic } = message;
  return {
    activityId,
    caseId: file.case.caseId,
    type,
    visibility: 'public',
    direction: 'outbound',
    ...(subject && { subject }),
    body: text,
    ...(html && { html }),
    to: [...to],
    ...(cc && { cc: [...cc] }),
    ...(bcc && { bcc: [...bcc] }),
    ...(templateId && { templateId }),
    ...(files && files.length > 0 && { attachments: [...files] }),
    ...(isAutomatic && { isAutomatic }),
    channelId,
    delivery: 'queued',
    sending: { attempts: 0, nextAttemptAt: toInstant(toMs(now) + LATE_MS) },
    occurredAt: now,
    state: 'completed',
    createdBy: caller.userId,
    createdOn: now,
    revision: 1,
  };
};

const added = ({ activityId, type, visibility, channelId }: Activity, now: Instant): Fact => ({
  type: 'activity.added',
  occurredAt: now,
  activityId,
  activityType: type,
  visibility,
  channelId,
  delivery: 'queued',
});

/**
 * Decides that a person's message leaves: it is recorded and stands in line. It is the answer to the customer from this
 * moment on; should it fail, the timeline tells.
 */
export const queueReply = (
  file: CaseFile,
  message: QueuedMessage,
  { rules, caller, now }: QueueContext,
): Decision<CaseChange> => {
  const { case: subject } = file;
  if (subject.status !== 'active') {
    return refuse('CASE_NOT_ACTIVE', `${subject.caseNumber} is ${subject.status}: make it active to reply`);
  }
  const activity = queued(file, message, caller, now);
  const replied = withEffects(file, activity, [added(activity, now)], { rules, caller, now });
  return accept(withParticipants(replied, message.people ?? [], now));
};

/** A change with a message that goes out with it, and that answers nothing: an automatic one, or the first of all. */
export const withMessage = (change: CaseChange, message: QueuedMessage, caller: Caller, now: Instant): CaseChange => {
  const activity = queued(change.after, message, caller, now);
  return {
    ...change,
    facts: [...change.facts, added(activity, now)],
    activities: [...(change.activities ?? []), activity],
  };
};
