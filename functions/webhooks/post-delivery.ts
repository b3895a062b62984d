import { Webhook } from 'standardwebhooks';
import { type Instant, toMs } from '../../domain/time.ts';
import type { Delivery } from '../../domain/webhooks/delivery.ts';
import { type Reply, retryAfterMs } from '../../domain/webhooks/judge-attempt.ts';
import type { GuardedHttp, HttpLimits } from '../http/guarded-http.ts';

/** Fifteen seconds are what Standard Webhooks advises at least; of an answer only its beginning is kept, for the log. */
export const WEBHOOK_LIMITS: HttpLimits = { connectMs: 5_000, totalMs: 15_000, answerBytes: 512 };

/** Posts a delivery once, signed with every secret that holds, the newest first. */
export const postDelivery = async (
  http: GuardedHttp,
  { url, secrets }: { url: string; secrets: readonly string[] },
  { eventId, body }: Delivery,
  at: Instant,
): Promise<Reply> => {
  const result = await http({ url, headers: { ...headersOf(eventId, body, secrets, at) }, body });
  if (!result.answered) return { error: result.fault, durationMs: result.durationMs };
  const { status, headers, durationMs } = result;
  const retryAfter = headers['retry-after'];
  return {
    status,
    durationMs,
    answer: result.body.toString('utf8'),
    retryAfterMs: retryAfterMs(typeof retryAfter === 'string' ? retryAfter : undefined, at),
  };
};

const headersOf = (eventId: string, body: string, secrets: readonly string[], at: Instant) => ({
  'content-type': 'application/json',
  'user-agent': 'Docket-Webhooks/1',
  'webhook-id': eventId,
  'webhook-timestamp': String(Math.floor(toMs(at) / 1_000)),
  'webhook-signature': secrets.map((secret) => new Webhook(secret).sign(eventId, new Date(toMs(at)), body)).join(' '),
});
