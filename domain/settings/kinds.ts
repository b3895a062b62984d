import type { z } from 'zod';
import { BUILT_IN_REASONS, StatusReason, Transitions } from '../cases/status-reasons.ts';
import { Channel } from '../channels/channel.ts';
import { MessageTemplate } from '../channels/message-template.ts';
import { CustomField } from '../custom-fields/custom-field.ts';
import { Integration } from '../people/integration.ts';
import { Team } from '../people/team.ts';
import { ProcessFlow } from '../process/process-flow.ts';
import { DEFAULT_QUEUE, DEFAULT_QUEUE_ID, Queue } from '../queues/queue.ts';
import { RoutingRuleSet } from '../routing/rule-set.ts';
import { CalendarDocument } from '../sla/calendar.ts';
import { HolidayList } from '../sla/holiday-list.ts';
import { Sla } from '../sla/sla.ts';
import { CaseTemplate } from '../templates/case-template.ts';
import { WebhookSubscription } from '../webhooks/subscription.ts';
import { CaseSettings, DEFAULT_CASE_SETTINGS } from './case-settings.ts';
import { Product } from './product.ts';
import { Subject } from './subject.ts';

/** A kind of setting: documents under ids. A document never changes; a change of a setting is its next version. */
export interface SettingKind<Document> {
  /** As in its route. */
  name: string;
  schema: z.ZodType<Document>;
  /** What holds before anybody has set anything up; version 0, so that the first stored document is version 1. */
  defaults: Readonly<Record<string, Document>>;
}

/** The id of the one document of `case-settings`. */
export const THE_CASE_SETTINGS = 'case-settings';

/** The id of the one document of `transitions`; while it is not stored, the graph follows the reasons by rule. */
export const THE_TRANSITIONS = 'transitions';

const kind = <Document>(
  name: string,
  schema: z.ZodType<Document>,
  defaults: Readonly<Record<string, Document>> = {},
): SettingKind<Document> => ({ name, schema, defaults });

/** Every kind of setting. */
export const settingKinds = {
  caseSettings: kind('case-settings', CaseSettings, { [THE_CASE_SETTINGS]: DEFAULT_CASE_SETTINGS }),
  statusReasons: kind('status-reasons', StatusReason, BUILT_IN_REASONS),
  transitions: kind('transitions', Transitions),
  subjects: kind('subjects', Subject),
  products: kind('products', Product),
  customFields: kind('custom-fields', CustomField),
  processFlows: kind('process-flows', ProcessFlow),
  caseTemplates: kind('case-templates', CaseTemplate),
  ruleSets: kind('routing-rule-sets', RoutingRuleSet),
  slas: kind('slas', Sla),
  calendars: kind('calendars', CalendarDocument),
  holidayLists: kind('holiday-lists', HolidayList),
  queues: kind('queues', Queue, { [DEFAULT_QUEUE_ID]: DEFAULT_QUEUE }),
  teams: kind('teams', Team),
  integrations: kind('integrations', Integration),
  channels: kind('channels', Channel),
  messageTemplates: kind('templates', MessageTemplate),
  webhookSubscriptions: kind('webhook-subscriptions', WebhookSubscription),
};

/** What is read with every case: how often each kind has changed, by name, and which rule set is active. */
export interface SettingsHead {
  generations: ReadonlyMap<string, number>;
  activeRuleSetId?: string;
}
