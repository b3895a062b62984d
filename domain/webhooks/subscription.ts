import { z } from 'zod';
import { Condition } from '../conditions/condition.ts';
import { Instant } from '../time.ts';
import { EventType } from './event-types.ts';

/** Who wants to hear of what. */
export const WebhookSubscription = z
  .strictObject({
    name: z.string().trim().min(1).max(200).optional(),
    url: z.url().max(2_000).describe('Where events are posted to'),
    types: z.array(EventType).min(1).max(100).describe('The events that are sent'),
    filter: Condition.optional().describe('Of the case as it is when the event is taken up; all cases unless told'),
    enabled: z.boolean().default(true),
    orderingKey: z
      .literal('case')
      .optional()
      .describe('`case`: a later event of a case waits until the earlier ones have been taken'),
    includePrivateQueues: z
      .boolean()
      .default(false)
      .describe('Whether it hears of cases in private queues, which are hidden from all but their members'),
  })
  .meta({ id: 'WebhookSubscription' });
export type WebhookSubscription = z.infer<typeof WebhookSubscription>;

/** A subscription costs a look for each event that happens. */
export const MAX_SUBSCRIPTIONS = 100;

/** How a subscription fares. It is written by who sends, beside what admins set up. */
export const SubscriptionState = z.object({
  subscriptionId: z.string(),
  /** What was delivered to an earlier subscription of this name is none of this one's. */
  since: Instant,
  /** How often there has been something new to send. */
  touches: z.int(),
  /** Until then nobody else sends: somebody is sending, or the receiver is left in peace after failures. */
  heldUntil: Instant.optional(),
  /** Whose turn it is to send. */
  turn: z.string().optional(),
  /** When its deliveries are looked at next. */
  lookAt: Instant.optional(),
  /** The receiver has failed without a break since then. */
  failingSince: Instant.optional(),
  lastSucceededOn: Instant.optional(),
  disabled: z
    .object({
      on: Instant,
      because: z.enum(['gone', 'failing']),
      eventId: z.uuid(),
      /** Not yet told to those who want to know. */
      untold: z.boolean().optional(),
    })
    .optional(),
});
export type SubscriptionState = z.infer<typeof SubscriptionState>;
