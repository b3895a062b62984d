import { type Instant, toInstant, toMs } from '../../domain/time.ts';
import type { Random } from './random.ts';

/** A message of a customer, as its sender knows it. */
export interface FloodMessage {
  /** What the sender calls it, the same whenever it is sent. */
  id: string;
  conversationId: string;
  from: string;
  text: string;
  occurredAt: Instant;
}

/** Messages, and in which order they are sent: those of one group at once. */
export interface Flood {
  messages: readonly FloodMessage[];
  sendings: readonly (readonly FloodMessage[])[];
  conversations: number;
  people: number;
}

/** One in so many sendings repeats a message. */
const REPEATED = 5;
/** So many messages make a conversation, on average. */
const MESSAGES = 8;
/** So many conversations does a customer have. */
const CONVERSATIONS = 2;
const HOUR = 60 * 60_000;

/**
 * So many sendings in any order: a fifth of them repeat a message, half of these at the same instant. The messages were
 * written in the hour before `now`.
 */
export const floodOf = (sendings: number, random: Random, now: Instant): Flood => {
  const repeats = Math.floor(sendings / REPEATED);
  const count = sendings - repeats;
  const conversations = Math.ceil(count / MESSAGES);
  const people = Math.ceil(conversations / CONVERSATIONS);
  const messages = Array.from({ length: count }, (_, n): FloodMessage => {
    const conversation = n < conversations ? n : random.below(conversations);
    return {
      id: `msg_${n}`,
      conversationId: `conversation-${conversation}`,
      from: `person-${conversation % people}`,
      text: `Message ${n}`,
      occurredAt: toInstant(toMs(now) - HOUR + Math.floor((n * HOUR) / count)),
    };
  });
  const groups = messages.map((message) => [message]);
  const later: FloodMessage[][] = [];
  for (let n = 0; n < repeats; n += 1) {
    const group = groups[random.below(count)] ?? [];
    const [message] = group;
    if (!message) continue;
    if (n % 2 === 0) group.push(message);
    else later.push([message]);
  }
  return { messages, sendings: shuffled([...groups, ...later], random), conversations, people };
};

const shuffled = <Thing>(things: readonly Thing[], random: Random): Thing[] => {
  const left = [...things];
  return things.flatMap(() => left.splice(random.below(left.length), 1));
};
