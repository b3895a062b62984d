import { z } from 'zod';
import { Fact, type FactType } from '../facts/fact.ts';

/** Facts that only keep our own work going, and tell others nothing. */
const INTERNAL: readonly FactType[] = [
  'case.cascadeAdvanced',
  'case.moveAdvanced',
  'sla.notified',
  'sla.webhookCalled',
  'sla.actionFailed',
];

/** What subscribers hear of besides facts of cases. */
const OF_SUBSCRIPTIONS = ['webhook.disabled'] as const;

const OF_CASES = Fact.options.map(({ shape }) => shape.type.value).filter((type) => !INTERNAL.includes(type));

/** The events that a webhook subscription may name (`docs/webhooks.md`). */
export const EventType = z.enum([...OF_CASES, ...OF_SUBSCRIPTIONS]).meta({ id: 'EventType' });
export type EventType = z.infer<typeof EventType>;
