import { createHmac, randomUUID } from 'node:crypto';
import { createRequire } from 'node:module';
import { Webhook } from 'standardwebhooks';
import { z } from 'zod';

/** A request as its provider makes it. */
export interface Signed {
  headers: Record<string, string>;
  body: string;
}

/** One kind of channel: its set-up, and its messages. */
export interface Kind {
  kind: string;
  secrets?: Record<string, string>;
  /** The `n`th message, of a conversation by its number; `isFirst` when that begins with it. */
  message(n: number, of: { conversation: number; isFirst: boolean; secret: string; now: number }): Signed;
}

const json = { 'content-type': 'application/json' };

const webhook: Kind = {
  kind: 'webhook',
  message(n, { conversation, secret, now }) {
    const from = { id: 'ada@example.com', name: 'Ada Lovelace', email: 'ada@example.com' };
    const body = JSON.stringify({ conversationId: `order-${conversation}`, from, subject: 'Order', text: `Text ${n}` });
    const [id, at] = [`msg_${n}_${conversation}`, new Date(now)];
    return {
      headers: {
        ...json,
        'webhook-id': id,
        'webhook-timestamp': String(Math.floor(now / 1000)),
        'webhook-signature': new Webhook(secret).sign(id, at, body),
      },
      body,
    };
  },
};

const Examples = z.array(
  z.object({ name: z.string(), examples: z.array(z.looseObject({ action: z.string().optional() })) }),
);
const WithIssue = z.looseObject({ issue: z.looseObject({}) });

/** A payload that GitHub has published. */
const exampleOf = (event: string, action: string) => {
  const all = Examples.parse(createRequire(import.meta.url)('@octokit/webhooks-examples'));
  const own = all.find(({ name }) => name === event)?.examples.find((example) => example.action === action);
  return WithIssue.parse(own);
};
const opened = exampleOf('issues', 'opened');
const commented = exampleOf('issue_comment', 'created');

const github: Kind = {
  kind: 'github',
  secrets: { accessToken: 'bench' },
  message(n, { conversation, isFirst, secret }) {
    const example = isFirst ? opened : commented;
    const comment = 'comment' in example && { comment: Object.assign({}, example.comment, { id: n + 1 }) };
    const body = JSON.stringify({ ...example, ...comment, issue: { ...example.issue, id: conversation + 1 } });
    return {
      headers: {
        ...json,
        'x-github-event': isFirst ? 'issues' : 'issue_comment',
        'x-github-delivery': randomUUID(),
        'x-hub-signature-256': `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`,
      },
      body,
    };
  },
};

const telegram: Kind = {
  kind: 'telegram',
  secrets: { botToken: '123:bench' },
  message(n, { conversation, secret, now }) {
    const from = { id: 1, is_bot: false, first_name: 'Ada', last_name: 'Lovelace' };
    const chat = { id: conversation + 1, type: 'private' };
    const message = { message_id: n + 1, from, chat, date: Math.floor(now / 1000), text: `Text ${n}` };
    return {
      headers: { ...json, 'x-telegram-bot-api-secret-token': secret },
      body: JSON.stringify({ update_id: n + 1, message }),
    };
  },
};

export const kinds: readonly Kind[] = [webhook, github, telegram];
