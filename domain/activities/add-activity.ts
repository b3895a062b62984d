import { z } from 'zod';
import type { Caller, CaseChange, CaseFile, Rules } from '../cases/case-file.ts';
import { revised } from '../cases/case-file.ts';
import { whyNotBackdated } from '../cases/resolve-case.ts';
import { isOnHold } from '../cases/status-reasons.ts';
import { changesOf, type Fact } from '../facts/fact.ts';
import { accept, type Decision, refuse } from '../refusal.ts';
import { askClocks, holdClocks, inTurn, succeedClock } from '../sla/clocks.ts';
import { withClocks } from '../sla/follow-case.ts';
import { Instant } from '../time.ts';
import {
  type Activity,
  ActivityState,
  type ActivitySummary,
  ActivityType,
  type AttachedFile,
  MAX_OPEN_ACTIVITIES,
} from './activity.ts';

const address = z.string().min(1).max(320);

/** The body that records an activity. */
export const AddActivity = z
  .strictObject({
    type: ActivityType,
    visibility: z.enum(['public', 'internal']).optional().describe('Default: public, but internal for a note'),
    direction: z.enum(['inbound', 'outbound']).optional(),
    subject: z.string().trim().min(1).max(400).optional(),
    body: z.string().max(64_000),
    from: address.optional(),
    to: z.array(address).max(100).optional(),
    cc: z.array(address).max(100).optional(),
    durationMinutes: z.int().min(0).max(100_000).optional(),
    occurredAt: Instant.optional().describe('When it happened, if earlier than now: supervisors only'),
    dueAt: Instant.optional(),
    state: ActivityState.exclude(['cancelled'])
      .optional()
      .describe('Default: completed, but open for a task or appointment'),
    isAutomatic: z
      .boolean()
      .optional()
      .describe('An auto-reply, a bounce or bulk mail: it wakes no case that waits, and reopens none'),
    attachmentIds: z.array(z.uuid()).max(20).optional().describe('Files that have been uploaded to the case'),
  })
  .meta({ id: 'AddActivity' });
export type AddActivity = z.infer<typeof AddActivity>;

const MESSAGES: readonly Activity['type'][] = ['email', 'phone', 'chat', 'sms', 'social'];

/** What recording an activity needs besides the case; the activity's id carries the time of `occurredAt`. */
export interface AddActivityContext {
  activityId: string;
  rules: Rules;
  caller: Caller;
  now: Instant;
  /** A message that reopens nothing is recorded on a closed case as well. */
  onClosed?: 'refuse' | 'append';
  /** The files that `attachmentIds` names. */
  files?: readonly AttachedFile[];
  /** A channel, or what it says of a message, may be believed about when that was written. */
  mayBackdate?: boolean;
}

/** Whether a command records what a customer has said, which a closed case is not deaf to. */
export const isCustomersMessage = ({ type, direction, visibility, state }: AddActivity): boolean =>
  MESSAGES.includes(type) &&
  direction === 'inbound' &&
  visibility !== 'internal' &&
  (state === undefined || state === 'completed');

/**
 * Decides the recording of an activity. The first public outbound message or completed outbound call by a person is
 * the first response; a customer's message wakes a case that waits for one.
 */
export const addActivity = (
  file: CaseFile,
  command: AddActivity,
  context: AddActivityContext,
): Decision<CaseChange> => {
  const { activityId, caller, now, onClosed = 'refuse', mayBackdate = false, files = [] } = context;
  const { case: subject, activities: summary } = file;
  const { occurredAt = now } = command;
  const isDeaf = summary.accepts !== 'anything' && (onClosed === 'refuse' || summary.accepts === 'nothing');
  if (isDeaf && command.type !== 'note') {
    return refuse('CASE_NOT_ACTIVE', `${subject.caseNumber} is ${subject.status}: only notes can be added`);
  }
  const backdating = mayBackdate ? undefined : whyNotBackdated(file, occurredAt, caller, now);
  if (backdating) return backdating;

  const { attachmentIds: _named, ...said } = command;
  const activity: Activity = {
    ...said,
    ...(files.length > 0 && { attachments: [...files] }),
    activityId,
    caseId: subject.caseId,
    visibility: command.visibility ?? (command.type === 'note' ? 'internal' : 'public'),
    state: command.state ?? (command.type === 'task' || command.type === 'appointment' ? 'open' : 'completed'),
    occurredAt,
    createdBy: caller.userId,
    createdOn: now,
    revision: 1,
  };
  if (activity.state === 'open' && summary.open.length >= MAX_OPEN_ACTIVITIES) {
    return refuse('TOO_MANY_OPEN_ACTIVITIES', `A case has at most ${MAX_OPEN_ACTIVITIES} open activities`);
  }
  const { activityId: id, type, visibility } = activity;
  const added: Fact = { type: 'activity.added', occurredAt, activityId: id, activityType: type, visibility };
  return accept(withEffects(file, activity, [added], context));
};

/** A message to or from the customer. */
export const isMessage = ({ type, visibility, state, isAutomatic }: Activity): boolean =>
  MESSAGES.includes(type) && visibility === 'public' && state === 'completed' && !isAutomatic;

/** The change that a new or edited activity makes to its case: the summary, the clocks, and a case that it wakes. */
export const withEffects = (
  file: CaseFile,
  activity: Activity,
  facts: Fact[],
  { rules, caller, now }: Omit<AddActivityContext, 'activityId'>,
): CaseChange => {
  const isActive = file.case.status === 'active';
  const isResponse = isMessage(activity) && activity.direction === 'outbound' && !caller.roles.includes('integration');
  const isReply = isMessage(activity) && activity.direction === 'inbound';
  const summary = summarised(file.activities, activity, { isResponse, isReply: isReply && isActive });
  // Closing a case changes its summary; where this changes nothing of it, the two would not meet.
  const mustMeet = activity.type !== 'note' && (summary === file.activities || !isActive);
  const change: CaseChange = {
    before: file,
    after: { ...file, activities: summary },
    facts,
    activities: [activity],
    ...(mustMeet && { fences: [{ type: isActive ? 'isActive' : 'isClosed' }] }),
  };
  if (isActive && isResponse) return responded(change, activity.occurredAt, rules, now);
  if (!isActive || !isReply) return change;
  const woken = wakened(change, activity.occurredAt, rules, now);
  return withClocks(woken, askClocks(woken.after, rules, { at: activity.occurredAt, now }));
};

/** A person has answered: what the customer asked last and, if it is the first time, the case. */
const responded = (change: CaseChange, at: Instant, rules: Rules, now: Instant): CaseChange => {
  const isFirst = !change.before?.activities.firstRespondedOn;
  const kpis = ['nextResponse', ...(isFirst ? ['firstResponse'] : [])];
  const clocks = inTurn(
    change.after,
    ...kpis.map((kpi) => (file: Pick<CaseFile, 'kpis'>) => succeedClock(file, rules, { kpi, at, now })),
  );
  return withClocks(isFirst ? { ...change, facts: change.facts.map(answering) } : change, clocks);
};

const answering = (fact: Fact): Fact =>
  fact.type === 'activity.added' || fact.type === 'activity.updated' ? { ...fact, firstResponse: true } : fact;

const summarised = (
  before: ActivitySummary,
  activity: Activity,
  { isResponse, isReply }: { isResponse: boolean; isReply: boolean },
): ActivitySummary => {
  const known = before.open.find(({ activityId }) => activityId === activity.activityId);
  const others = before.open.filter((one) => one !== known);
  const { activityId, type, subject } = activity;
  const after = {
    ...before,
    open: activity.state === 'open' ? [...others, { ...known, activityId, type, ...(subject && { subject }) }] : others,
    totalMinutes: before.totalMinutes + (activity.durationMinutes ?? 0),
    customerReplied: isReply || (before.customerReplied && !isResponse),
    ...(isResponse && !before.firstRespondedOn && { firstRespondedOn: activity.occurredAt }),
  };
  // Most notes add nothing up: they need not wait for each other.
  const isSame = changesOf(before, after, ['open', 'totalMinutes', 'customerReplied', 'firstRespondedOn']).length === 0;
  return isSame ? before : { ...after, revision: before.revision + 1 };
};

/** A customer's message moves a case to the reason that its present one names; its clocks run from the message on. */
const wakened = (change: CaseChange, messageAt: Instant, rules: Rules, now: Instant): CaseChange => {
  const { case: subject } = change.after;
  const statusReason = rules.statusModel.reasons[subject.statusReason]?.onCustomerReply;
  if (!statusReason) return isOnHold(subject, rules) ? toldOwner(change, messageAt) : change;
  const awake = { ...subject, statusReason, ...revised(subject, now) };
  const { hold } = change.after;
  const changes = [
    { field: 'statusReason', old: subject.statusReason, new: statusReason },
    ...(hold ? [{ field: 'holdUntil', old: hold.until }] : []),
  ];
  const woken: CaseChange = {
    ...change,
    after: { ...change.after, case: awake, hold: undefined },
    facts: [...change.facts, { type: 'case.updated', occurredAt: now, byReply: true, changes }],
  };
  const clocks = holdClocks(woken.after, rules, { now, resumedAt: messageAt, cause: 'the customer replied' });
  return withClocks(woken, clocks);
};

/** A case that stays on hold is not looked at: its owner hears that the customer has written, once until it is answered. */
const toldOwner = (change: CaseChange, messageAt: Instant): CaseChange => {
  const { ownerId } = change.after.case;
  if (!ownerId || change.before?.activities.customerReplied) return change;
  const told: Fact = {
    type: 'case.notified',
    occurredAt: messageAt,
    about: 'customerReplied',
    recipients: [ownerId],
  };
  return { ...change, facts: [...change.facts, told] };
};
