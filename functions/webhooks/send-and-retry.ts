import { type Instant, toMs } from '../../domain/time.ts';
import { type SenderServices, sendDeliveries, type Turn } from './send-deliveries.ts';

/** What is due again so soon is waited for: the sweeper, which finds everything else, comes once a minute. */
const SOON_MS = 10_000;
/** How often the clock is looked at meanwhile. */
const STEP_MS = 250;

/**
 * Sends what is due to a subscriber, and once more what has failed and is due again in seconds. Between the two the turn
 * is anybody's; whatever goes wrong in between, the table says what is due.
 */
export const sendAndRetry = async (
  services: SenderServices,
  { subscriptionId, isNews }: { subscriptionId: string; isNews: boolean },
  isTimeUp: () => boolean,
  onTurn: (turn: Turn) => void,
): Promise<void> => {
  for (let isFirst = true; ; isFirst = false) {
    const turn = await sendDeliveries(services, { subscriptionId, isNews: isNews && isFirst }, isTimeUp);
    if (!turn) return;
    onTurn(turn);
    if (!turn.retryAt || isTimeUp() || !(await comes(services, turn.retryAt))) return;
  }
};

/** Waits for an instant that is near. A clock that stands still would be waited for in vain. */
const comes = async ({ now, pause }: Pick<SenderServices, 'now' | 'pause'>, at: Instant): Promise<boolean> => {
  for (let seen = now(); seen < at; ) {
    const left = toMs(at) - toMs(seen);
    if (left > SOON_MS) return false;
    await pause(Math.min(left, STEP_MS));
    const later = now();
    if (later <= seen) return false;
    seen = later;
  }
  return true;
};
