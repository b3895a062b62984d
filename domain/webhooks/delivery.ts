import { z } from 'zod';
import { Instant, toMs } from '../time.ts';

/** What came of one attempt to deliver. */
export const Attempt = z
  .object({
    at: Instant,
    outcome: z.enum(['succeeded', 'failed']),
    status: z.int().optional().describe('What the receiver answered'),
    error: z.string().optional().describe('Why there was no answer'),
    durationMs: z.int(),
    answer: z.string().optional().describe('The beginning of what the receiver answered'),
  })
  .meta({ id: 'DeliveryAttempt' });
export type Attempt = z.infer<typeof Attempt>;

/** One event on its way to one subscriber. */
export const Delivery = z.object({
  deliveryId: z.uuid(),
  subscriptionId: z.string(),
  /** The event's id: the same over all attempts, and what receivers know repetitions by. */
  eventId: z.uuid(),
  type: z.string(),
  caseId: z.uuid().optional(),
  /** Of the event, for those who follow it through the logs. */
  correlationId: z.string().optional(),
  createdOn: Instant,
  status: z.enum(['pending', 'succeeded', 'failed']),
  /** When it is to be sent next; only while it is pending. */
  dueAt: Instant.optional(),
  /** Whether it waits for earlier ones of its case. */
  inOrder: z.boolean().optional(),
  /** Failed attempts since it was put on its way, or put on its way again. */
  misses: z.int(),
  attempts: z.array(Attempt),
  /** Counts every change. */
  revision: z.int(),
  /** What is posted, to the byte. */
  body: z.string(),
});
export type Delivery = z.infer<typeof Delivery>;

/** The log keeps no more than this many attempts of a delivery, the last ones. */
const ATTEMPTS_KEPT = 20;

/**
 * A delivery's id, made of its event's: it sorts by when the event was recorded, then by the order of the facts in their
 * transaction. The event's own id sorts by when it occurred, which may be long before. An event that comes twice makes
 * the same id, so nobody is sent it twice for that.
 */
export const deliveryIdOf = ({ eventId, at }: { eventId: string; at: Instant }): string => {
  const time = toMs(at).toString(16).padStart(12, '0');
  return `${time.slice(0, 8)}-${time.slice(8)}${eventId.slice(13)}`;
};

/** The ids of deliveries of events that were recorded at this instant or later begin so, or with something behind it. */
export const deliveriesFrom = (at: Instant): string => deliveryIdOf({ eventId: '', at });

/** Puts a delivery on its way again, with a whole new series of attempts. */
export const redelivered = (delivery: Delivery, now: Instant): Delivery => ({
  ...delivery,
  status: 'pending',
  dueAt: now,
  misses: 0,
  revision: delivery.revision + 1,
});

/** Puts a delivery off until the one before it is tried again. */
export const postponed = (delivery: Delivery, dueAt: Instant): Delivery => ({
  ...delivery,
  dueAt,
  revision: delivery.revision + 1,
});

/** A delivery with one more attempt in its log. */
export const logged = (delivery: Delivery, attempt: Attempt): Delivery => ({
  ...delivery,
  attempts: [...delivery.attempts, attempt].slice(-ATTEMPTS_KEPT),
  revision: delivery.revision + 1,
});
