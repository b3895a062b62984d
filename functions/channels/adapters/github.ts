import { z } from 'zod';
import { accept, invalid } from '../../../domain/refusal.ts';
import { Instant } from '../../../domain/time.ts';
import type { ChannelAdapter, RawRequest } from './adapter.ts';
import { verifyHubSignature } from './hub-signature.ts';
import { answerAs, jsonAs, readJson } from './provider-request.ts';
import { unlessSent } from './unless-sent.ts';

const Author = z
  .object({ id: z.int(), login: z.string().min(1).max(200), type: z.string().optional() })
  // Who has left GitHub: the author that it shows instead.
  .nullish()
  .transform((user) => user ?? { id: 10137, login: 'ghost', type: 'User' });

/** What the events `issues` and `issue_comment` have in common, as far as we read them. */
const IssueEvent = z.object({
  action: z.string().max(60),
  issue: z.object({
    id: z.int(),
    number: z.int(),
    title: z.string(),
    body: z.string().nullish(),
    created_at: Instant,
    user: Author,
    pull_request: z.unknown().optional(),
  }),
  comment: z.object({ id: z.int(), body: z.string().nullish(), created_at: Instant, user: Author }).optional(),
  repository: z.object({ full_name: z.string().regex(/^[\w.-]+\/[\w.-]+$/) }),
});

/** Begins what we write, and is not shown: GitHub tells us of our own comments too. */
const OURS = '<!-- docket -->\n';

const DELIVERY = /^[\w-]{1,100}$/;

/** What opens a conversation or goes on with it; all else is about an issue, and no message. */
const SAID = ['issues.opened', 'issue_comment.created'];

const parse: ChannelAdapter['parse'] = async ({ headers, body }: RawRequest) => {
  const { 'x-github-event': event = '', 'x-github-delivery': delivery = 'none' } = headers;
  if (!DELIVERY.test(delivery)) return invalid('', 'X-GitHub-Delivery is not an id');
  if (event !== 'issues' && event !== 'issue_comment') return ignored(delivery, 'otherEvent');
  const read = readJson(body, IssueEvent);
  if (!read.accepted) return read;
  const { action, issue, comment, repository } = read.value;
  if (!SAID.includes(`${event}.${action}`)) return ignored(delivery, `${event}.${action}`);
  if (issue.pull_request) return ignored(delivery, 'pullRequest');
  const { user, body: said, created_at: occurredAt } = comment ?? issue;
  const text = said ?? '';
  if (text.startsWith(OURS)) return ignored(delivery, 'ownMessage');
  const keys = [`issue ${issue.id}`];
  const thread = { repository: repository.full_name, issue: String(issue.number) };
  return accept([
    {
      // Neither the delivery's id nor the event's name is signed: what was said is known by its own id.
      externalId: comment ? `comment ${comment.id}` : `issue ${issue.id}`,
      // Two webhooks may tell of the same comment, each with what is around it.
      fingerprint: JSON.stringify([issue.id, user.id, text]),
      message: {
        type: 'social',
        from: { id: String(user.id), name: user.login },
        subject: issue.title,
        text,
        occurredAt,
        conversation: keys,
        becomes: keys,
        isAutomatic: user.type === 'Bot',
        thread,
        details: { repository: repository.full_name },
      },
    },
  ]);
};

const ignored = (externalId: string, reason: string) => accept([{ externalId, ignored: reason }]);

const Created = z.object({ id: z.int() });

const send: NonNullable<ChannelAdapter['send']> = async ({ text, thread }, { channel, secrets, http }) => {
  const { repository, issue } = thread ?? {};
  if (!repository || !issue) return { sent: false, reason: 'there is no issue to comment on', isFinal: true };
  const result = await http({
    method: 'POST',
    url: `${channel.provider?.apiUrl ?? 'https://api.github.com'}/repos/${repository}/issues/${issue}/comments`,
    headers: { ...jsonAs(secrets.given.accessToken), accept: 'application/vnd.github+json', 'user-agent': 'docket' },
    body: JSON.stringify({ body: `${OURS}${text}` }),
  });
  const id = answerAs(result, Created)?.id;
  return unlessSent(result) ?? { sent: true, ...(id && { externalId: String(id) }) };
};

/** Issues of GitHub and their comments, by a webhook of a repository, an organisation or an app. */
export const githubAdapter: ChannelAdapter = {
  kind: 'github',
  origin: 'social',
  replyType: 'social',
  ownSecret: 'token',
  givenSecrets: ['accessToken'],
  provider: z.strictObject({
    apiUrl: z
      .url({ protocol: /^https$/ })
      .regex(/[^/]$/, 'ends without a slash')
      .optional()
      .describe('Of a GitHub Enterprise Server'),
  }),
  parts: { longest: 65_000, most: 2 },
  mostFileBytes: 0,
  canInitiate: () => false,
  // No time is signed: what somebody has recorded could be sent again after the week for which ids are remembered.
  remembersForEver: true,
  verify: (request, { secrets }) => verifyHubSignature(request, secrets.own),
  parse,
  send,
};
