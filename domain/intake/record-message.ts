import type { Activity, AttachedFile } from '../activities/activity.ts';
import { withEffects } from '../activities/add-activity.ts';
import type { CaseChange, CaseFile, Rules } from '../cases/case-file.ts';
import { withParticipants } from '../cases/participants.ts';
import type { Fact } from '../facts/fact.ts';
import type { Instant } from '../time.ts';
import type { InboundMessage } from './message.ts';

/** A body that is longer is cut; the message as it came in is kept whole for a while. */
const LONGEST_BODY = 64_000;
const LONGEST_SUBJECT = 400;

/** A text that is no longer is never cut. */
export const SHOWN_WHOLE = 32_000;

/** What recording a message needs besides the case. */
export interface RecordContext {
  activityId: string;
  channelId: string;
  rules: Rules;
  /** When it was written, as far as that can be believed: never in the future. */
  occurredAt: Instant;
  files: readonly AttachedFile[];
  now: Instant;
}

/** Who records what comes over a channel. It has no rights but these. */
export const channelCaller = (channelId: string) => ({
  userId: `channel:${channelId}`,
  roles: ['integration'] as const,
});

/** A message as the activity that its case gets. */
export const activityOf = (
  message: InboundMessage,
  { case: { caseId } }: CaseFile,
  { activityId, channelId, occurredAt, files, now }: Omit<RecordContext, 'rules'>,
): Activity => {
  const { type, from, to, cc, subject, text, wholeText, isAutomatic, durationMinutes } = message;
  const body = cut(text, LONGEST_BODY);
  return {
    activityId,
    caseId,
    type,
    visibility: 'public',
    direction: 'inbound',
    ...(subject?.trim() && { subject: cut(subject.trim(), LONGEST_SUBJECT) }),
    body,
    // An item has 400 KB, and a character up to three bytes.
    ...(wholeText && { wholeText: cut(wholeText, body.length > SHOWN_WHOLE ? SHOWN_WHOLE : LONGEST_BODY) }),
    from: from.email ?? from.phone ?? from.id,
    ...(from.name && { fromName: from.name }),
    ...(to && { to }),
    ...(cc && { cc }),
    ...(durationMinutes !== undefined && { durationMinutes }),
    ...(isAutomatic && { isAutomatic }),
    ...(files.length > 0 && { attachments: [...files] }),
    channelId,
    occurredAt,
    state: 'completed',
    createdBy: channelCaller(channelId).userId,
    createdOn: now,
    revision: 1,
  };
};

/** Adds a message to a case that is there, open or closed; it may wake an open one. */
export const recordMessage = (file: CaseFile, message: InboundMessage, context: RecordContext): CaseChange => {
  const { channelId, rules, now } = context;
  const activity = activityOf(message, file, context);
  const caller = channelCaller(channelId);
  const recorded = withEffects(file, activity, [added(activity)], { rules, caller, now });
  return withParticipants(recorded, message.people ?? [], now);
};

/** A new case with the message that it was opened by: that is no answer to anything, so nothing else changes. */
export const openedByMessage = (created: CaseChange, message: InboundMessage, context: RecordContext): CaseChange => {
  const activity = activityOf(message, created.after, context);
  return { ...created, facts: [...created.facts, added(activity)], activities: [activity] };
};

const added = ({ activityId, type, visibility, occurredAt, channelId }: Activity): Fact => ({
  type: 'activity.added',
  occurredAt,
  activityId,
  activityType: type,
  visibility,
  channelId,
});

const cut = (text: string, length: number): string => {
  const whole = text.toWellFormed();
  return whole.length > length ? `${whole.slice(0, length - 1).toWellFormed()}…` : whole;
};

/** What a case is called that nobody has given a title: the subject, or how the text begins. */
export const titleOf = ({ subject, text, from }: InboundMessage): string => {
  const [line = ''] = (subject?.trim() || text.trim()).split('\n');
  return cut(line.trim() || `Message from ${from.name ?? from.id}`, 200);
};
