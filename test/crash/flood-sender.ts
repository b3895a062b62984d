import { setTimeout as pause } from 'node:timers/promises';
import { IntakeAnswer } from '../../domain/intake/intake.ts';
import { ReplayProblem } from '../replay/rows.ts';
import type { Answer } from '../support/api-client.ts';
import { sendWebhook } from '../support/webhook-sender.ts';
import type { Flood, FloodMessage } from './flood.ts';

/** So many requests are under way at once. */
const AT_ONCE = 12;
/** Providers begin with seconds and end with hours; the service of this test is back after seconds. */
const FIRST_PAUSE = 100;
const LONGEST_PAUSE = 2_000;
/** Twenty minutes of a service that does not answer. */
const MOST_ATTEMPTS = 600;

/** What the sendings of the messages were answered, and how often they had to be sent. */
export interface Sent {
  answers: Map<FloodMessage, { status: number; body: IntakeAnswer }[]>;
  /** Messages that were refused, which should never be. */
  refused: string[];
  /** Requests in all, and how many had no answer, or one that asks to try again. */
  requests: number;
  unanswered: number;
  putOff: Map<string, number>;
}

/** Where messages are sent, and by what they are signed. */
export interface Address {
  url: string;
  channelId: string;
  secret: string;
}

/** Sends a flood, each message until it is taken, as providers do: under the same id, signed anew each time. */
export const sendFlood = async (
  { url, channelId, secret }: Address,
  { sendings }: Flood,
  { onSend, onSent }: { onSend: () => void; onSent: (done: number) => void },
): Promise<Sent> => {
  const sent: Sent = { answers: new Map(), refused: [], requests: 0, unanswered: 0, putOff: new Map() };

  const answersTo = (message: FloodMessage) => {
    const answers = sent.answers.get(message) ?? [];
    sent.answers.set(message, answers);
    return answers;
  };

  const attempt = async (message: FloodMessage): Promise<Answer | undefined> => {
    const { id, conversationId, from, text, occurredAt } = message;
    const payload = { conversationId, from: { id: from, name: from }, text, occurredAt };
    sent.requests += 1;
    try {
      const answer = await sendWebhook({ host: { url, now: Date.now } }, channelId, secret, payload, { id });
      if (answer.status !== 429 && answer.status < 500) return answer;
      const why = `${answer.status} ${answer.body.code ?? ''}`.trim();
      sent.putOff.set(why, (sent.putOff.get(why) ?? 0) + 1);
    } catch {
      sent.unanswered += 1;
    }
    return undefined;
  };

  const send = async (message: FloodMessage): Promise<void> => {
    onSend();
    for (let n = 0; n < MOST_ATTEMPTS; n += 1) {
      const answer = await attempt(message);
      if (!answer) {
        await pause(Math.min(FIRST_PAUSE * 2 ** n, LONGEST_PAUSE));
        continue;
      }
      const { status, body } = answer;
      if (status !== 200 && status !== 202) sent.refused.push(`${message.id}: ${status} ${JSON.stringify(body)}`);
      else answersTo(message).push({ status, body: IntakeAnswer.parse(body) });
      return;
    }
    throw new ReplayProblem(`The service at ${url} takes nothing any more.`);
  };

  const left = sendings.values();
  let done = 0;
  const work = async (): Promise<void> => {
    for (const group of left) {
      await Promise.all(group.map(send));
      done += group.length;
      onSent(done);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return sent;
};
