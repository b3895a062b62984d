import { z } from 'zod';
import { Instant } from '../../domain/time.ts';
import { Attempt, type Delivery, Delivery as StoredDelivery } from '../../domain/webhooks/delivery.ts';
import { type SubscriptionState, WebhookSubscription } from '../../domain/webhooks/subscription.ts';
import { settingView } from '../settings/documents.ts';
import type { SecretHead } from '../table/secret-store.ts';

/** A subscription with how its receiver fares. Its secrets are told of, not told. */
export const SubscriptionView = settingView(WebhookSubscription)
  .extend({
    health: z
      .object({
        status: z.enum(['working', 'failing', 'disabled']),
        failingSince: Instant.optional(),
        lastSucceededOn: Instant.optional(),
        disabledOn: Instant.optional(),
        because: z.enum(['gone', 'failing']).optional(),
      })
      .optional(),
    secrets: z.array(z.object({ issuedOn: Instant, validUntil: Instant.optional() })).optional(),
    secret: z.string().optional().describe('Only in the answer that issues it'),
  })
  .meta({ id: 'WebhookSubscriptionView' });
export type SubscriptionView = z.infer<typeof SubscriptionView>;

/** What is known of a subscription beside its document. */
export const aboutSubscription = (
  state: SubscriptionState | undefined,
  head: SecretHead | undefined,
): Pick<SubscriptionView, 'health' | 'secrets'> => ({
  ...(state && { health: healthOf(state) }),
  secrets: (head?.live ?? []).map(({ issuedOn, validUntil }) => ({ issuedOn, ...(validUntil && { validUntil }) })),
});

const healthOf = ({ failingSince, lastSucceededOn, disabled }: SubscriptionState): SubscriptionView['health'] => ({
  status: disabled ? 'disabled' : failingSince ? 'failing' : 'working',
  ...(failingSince && { failingSince }),
  ...(lastSucceededOn && { lastSucceededOn }),
  ...(disabled && { disabledOn: disabled.on, because: disabled.because }),
});

/** A line of the log. */
export const DeliveryView = z
  .object({
    ...StoredDelivery.omit({ dueAt: true, inOrder: true, misses: true, revision: true, body: true }).shape,
    nextAttemptAt: Instant.optional(),
    attempts: z.array(Attempt),
  })
  .meta({ id: 'WebhookDelivery' });

/** A delivery with what is posted. */
export const WholeDelivery = DeliveryView.extend({ body: z.string() }).meta({ id: 'WholeWebhookDelivery' });

/** A delivery as the log shows it. */
export const viewDelivery = (delivery: Delivery): z.infer<typeof DeliveryView> =>
  DeliveryView.parse({ ...delivery, ...(delivery.dueAt && { nextAttemptAt: delivery.dueAt }) });
