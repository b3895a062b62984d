import { addActivity } from '../../domain/activities/add-activity.ts';
import { Priority } from '../../domain/cases/case.ts';
import type { Caller, CaseChange, CaseFile } from '../../domain/cases/case-file.ts';
import { PatchCase } from '../../domain/cases/patch-case.ts';
import type { Fact } from '../../domain/facts/fact.ts';
import { mergedInto } from '../../domain/merge/survivor-of.ts';
import { type Decision, refuse } from '../../domain/refusal.ts';
import { routeCase } from '../../domain/routing/route-case.ts';
import { type Action, editBy } from '../../domain/sla/action.ts';
import { type FollowedChange, withClocksFollowing, withClocksLeft } from '../../domain/sla/followed-change.ts';
import { editCase, giveCase } from '../cases/change-case.ts';
import type { CommandServices, Loaded } from '../cases/command.ts';
import type { Services } from '../services.ts';

/** What an action is set off by. */
export interface Cause {
  kpi: string;
  generation: number;
  epoch: number;
  alarm: 'warning' | 'breach' | 'success';
}

/** An action that says something and leaves the case as it is. */
type Telling = Extract<Action, { type: 'notify' | 'webhook' }>;

/** Docket itself: it may do what an action says on an active case, and nothing that people may do on a closed one. */
const SYSTEM: Caller = { userId: 'system', roles: [] };

/**
 * What an action makes of a case, by the same decisions as the commands of people, the clocks following as they do then.
 * One that cannot be done is told, and is not tried again.
 */
export const effectOf = async (
  services: CommandServices,
  loaded: Loaded,
  action: Action,
  cause: Cause,
  alarmEventId: string,
): Promise<FollowedChange> => {
  const { file, rules, now } = loaded;
  const only = (happened: Fact) => withClocksLeft({ before: file, after: file, facts: [happened] });
  const about = { occurredAt: now, ...cause };
  if (action.type === 'notify') {
    const recipients = await recipientsOf(services.settings, file, action.to);
    return only({ type: 'sla.notified', ...about, to: action.to, recipients });
  }
  if (action.type === 'webhook') {
    const { subscriptionId } = action;
    const subscription = await services.settings.webhookSubscriptions.find(subscriptionId, loaded.head);
    if (subscription?.document.enabled) {
      return only({ type: 'sla.webhookCalled', ...about, subscriptionId, alarmEventId });
    }
    const because = `the webhook subscription ${subscriptionId} is ${subscription ? 'disabled' : 'gone'}`;
    return only({ type: 'sla.actionFailed', ...about, action: action.type, because });
  }
  const decision = await decide(services, loaded, action, cause);
  if (decision.accepted) return withClocksFollowing(decision.value, rules, now);
  const because = decision.detail ?? decision.code;
  return only({ type: 'sla.actionFailed', ...about, action: action.type, because });
};

const decide = async (
  services: CommandServices,
  loaded: Loaded,
  action: Exclude<Action, Telling>,
  { kpi, alarm }: Cause,
): Promise<Decision<CaseChange>> => {
  const { file, rules, now, head } = loaded;
  const { case: subject } = file;
  switch (action.type) {
    case 'routeToQueue': {
      const { queueId } = action;
      const queue = await services.settings.queues.find(queueId, head);
      if (!queue) return refuse('NOT_FOUND', `there is no queue ${queueId}`);
      return routeCase(file, { queueId, because: `${alarm} of ${kpi}` }, now);
    }
    case 'assign':
      return giveCase(services, loaded, action.ownerId);
    case 'setField':
      return edit(services, loaded, editBy(action));
    case 'escalatePriority': {
      const higher = Priority.options[Priority.options.indexOf(subject.priority) + 1];
      return edit(services, loaded, { priority: higher ?? subject.priority });
    }
    case 'addNote': {
      if (mergedInto(subject)) return refuse('CASE_NOT_ACTIVE', `${subject.caseNumber} has been merged`);
      const note = { type: 'note' as const, subject: `${alarm} of ${kpi}`, body: action.text };
      const decision = addActivity(file, note, { activityId: services.ids.at(now), rules, caller: SYSTEM, now });
      return decision.accepted
        ? { ...decision, value: { ...decision.value, fences: [{ type: 'isNotMerged' }] } }
        : decision;
    }
  }
};

const edit = async (
  services: CommandServices,
  loaded: Loaded,
  fields: Record<string, unknown>,
): Promise<Decision<CaseChange>> => {
  const { case: subject } = loaded.file;
  if (subject.status !== 'active') return refuse('CASE_NOT_ACTIVE', `${subject.caseNumber} is ${subject.status}`);
  const body = PatchCase.safeParse(fields);
  return body.success
    ? editCase(services, loaded, { body: body.data, caller: SYSTEM })
    : refuse('VALIDATION_FAILED', body.error.issues.map(({ message }) => message).join('; '));
};

/** Who is to be told: ids that the subscriber of the event bus turns into people. */
const recipientsOf = async (settings: Services['settings'], file: CaseFile, to: string): Promise<string[]> => {
  const { ownerId } = file.case;
  const queueId = file.placement?.state === 'queued' ? file.placement.queueId : undefined;
  switch (to) {
    case 'owner':
      return ownerId ? [ownerId] : [];
    case 'team':
      return ownerId?.startsWith('team:') ? [ownerId] : [];
    case 'queue': {
      const queue = queueId ? await settings.queues.find(queueId) : undefined;
      const { ownerId: queueOwner, members = [] } = queue?.document ?? {};
      return [...new Set([...(queueOwner ? [queueOwner] : []), ...members])];
    }
    case 'supervisors':
      return ['group:supervisor'];
    default:
      return [to];
  }
};
