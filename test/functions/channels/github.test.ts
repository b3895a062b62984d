import { createHmac } from 'node:crypto';
import { createRequire } from 'node:module';
import { describe, expect, it } from 'vitest';
import { githubAdapter } from '../../../functions/channels/adapters/github.ts';
import { contextOf, parsed, refusalOf, requestOf, sentBy } from '../../support/adapter-requests.ts';

interface Example {
  action: string;
  issue: object;
  comment: object;
}
const examples: { name: string; examples: Example[] }[] = createRequire(import.meta.url)('@octokit/webhooks-examples');

const context = contextOf(githubAdapter, { own: ['new-secret', 'old-secret'], given: { accessToken: 'ghp_x' } });

const DELIVERY = '72d3162e-cc78-11e3-81ab-4c9367dc0958';

const signed = (event: string, payload: unknown, secret = 'new-secret', delivery = DELIVERY) => {
  const body = JSON.stringify(payload);
  return requestOf(body, {
    headers: {
      'x-github-event': event,
      'x-github-delivery': delivery,
      'x-hub-signature-256': `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`,
    },
  });
};

const examplesOf = (event: string): Example[] => examples.find(({ name }) => name === event)?.examples ?? [];
const comment = examplesOf('issue_comment').find(({ action }) => action === 'created')!;
const issue = examplesOf('issues').find(({ action }) => action === 'opened')!;

const outcomesOf = async (event: string) => {
  const counts: Record<string, number> = {};
  for (const payload of examplesOf(event)) {
    const request = signed(event, payload);
    expect(await refusalOf(githubAdapter, request, context)).toBeUndefined();
    for (const incoming of await parsed(githubAdapter, request, context)) {
      const outcome = 'ignored' in incoming ? incoming.ignored : 'message';
      counts[outcome] = (counts[outcome] ?? 0) + 1;
    }
  }
  return counts;
};

describe('of the examples that GitHub publishes', () => {
  it('the issues that are opened are messages, and no other change of an issue is', async () => {
    const { message, ...ignored } = await outcomesOf('issues');
    expect(message).toBe(4);
    expect(Object.values(ignored).reduce((sum, count) => sum + count, 0)).toBe(25);
    expect(Object.keys(ignored)).toContain('issues.edited');
  });

  it('the new comments are messages', async () => {
    expect(await outcomesOf('issue_comment')).toEqual({
      message: 5,
      'issue_comment.edited': 2,
      'issue_comment.deleted': 2,
    });
  });

  it('no other event is a message', async () => {
    for (const { name } of examples.filter(({ name }) => name !== 'issues' && name !== 'issue_comment')) {
      for (const payload of examplesOf(name)) {
        const [incoming] = await parsed(githubAdapter, signed(name, payload), context);
        expect(incoming).toMatchObject({ ignored: 'otherEvent' });
      }
    }
  });
});

describe('an issue of GitHub', () => {
  it('is a conversation with its comments, known by its id and not by its number', async () => {
    const [opened] = await parsed(githubAdapter, signed('issues', issue), context);
    const [answered] = await parsed(githubAdapter, signed('issue_comment', comment), context);
    const conversation = ['issue 444500041'];
    expect(opened).toMatchObject({
      externalId: 'issue 444500041',
      message: {
        subject: 'Spelling error in the README file',
        from: { id: '21031067', name: 'Codertocat' },
        conversation,
        becomes: conversation,
        isAutomatic: false,
        occurredAt: '2019-05-15T15:20:18.000Z',
        thread: { repository: 'Codertocat/Hello-World', issue: '1' },
      },
    });
    expect(answered).toMatchObject({
      message: { conversation, text: "You are totally right! I'll get this fixed right away." },
    });
  });

  it.each([
    ['a bot’s comment is automatic', { user: { id: 1, login: 'stale[bot]', type: 'Bot' } }, { isAutomatic: true }],
    ['who has left GitHub is a ghost', { user: null }, { from: { id: '10137', name: 'ghost' } }],
    ['a comment may be empty', { body: null }, { text: '' }],
  ])('%s', async (_, change, expected) => {
    const payload = { ...comment, comment: { ...comment.comment, ...change } };
    const [incoming] = await parsed(githubAdapter, signed('issue_comment', payload), context);
    expect(incoming).toMatchObject({ message: expected });
  });

  it('is the same under another delivery, which is not signed, and from another webhook that tells of it', async () => {
    const replayed = signed('issue_comment', comment, 'new-secret', 'another-delivery');
    const widened = signed('issue_comment', { ...comment, organization: { id: 1 } });
    const first = await parsed(githubAdapter, signed('issue_comment', comment), context);
    expect(first).toMatchObject([{ externalId: 'comment 492700400' }]);
    expect(await parsed(githubAdapter, replayed, context)).toEqual(first);
    expect(await parsed(githubAdapter, widened, context)).toEqual(first);
  });

  it('is not a pull request', async () => {
    const payload = { ...comment, issue: { ...comment.issue, pull_request: { url: 'https://api.github.com/x' } } };
    const [incoming] = await parsed(githubAdapter, signed('issue_comment', payload), context);
    expect(incoming).toMatchObject({ ignored: 'pullRequest' });
  });

  it('is answered by a comment, which is not taken for a customer’s when it comes back', async () => {
    const thread = { repository: 'Codertocat/Hello-World', issue: '1' };
    const { sent, requests } = await sentBy(githubAdapter, { thread }, context, { status: 201, body: { id: 7 } });
    expect(sent).toEqual({ sent: true, externalId: '7' });
    expect(requests).toMatchObject([
      {
        url: 'https://api.github.com/repos/Codertocat/Hello-World/issues/1/comments',
        headers: { authorization: 'Bearer ghp_x' },
      },
    ]);
    const { body } = JSON.parse(String(requests[0]!.body));
    expect(body).toContain('It is out');
    const echo = { ...comment, comment: { ...comment.comment, body } };
    const [incoming] = await parsed(githubAdapter, signed('issue_comment', echo), context);
    expect(incoming).toMatchObject({ ignored: 'ownMessage' });
  });

  it('that is gone is not commented on again', async () => {
    const thread = { repository: 'Codertocat/Hello-World', issue: '1' };
    const { sent } = await sentBy(githubAdapter, { thread }, context, { status: 410, body: {} });
    expect(sent).toMatchObject({ sent: false, isFinal: true });
  });
});

describe('what GitHub has not signed', () => {
  const good = signed('issue_comment', comment);
  const signature = good.headers['x-hub-signature-256']!;
  const withSignature = (other: string) => ({ ...good, headers: { ...good.headers, 'x-hub-signature-256': other } });
  const changed = Buffer.from(good.body);
  changed[changed.length - 3]! ^= 1;

  it.each([
    ['another key', signed('issue_comment', comment, 'wrong')],
    ['one byte changed', { ...good, body: changed }],
    ['one byte more', { ...good, body: Buffer.concat([good.body, Buffer.from(' ')]) }],
    ['no body', { ...good, body: Buffer.alloc(0) }],
    ['bytes that are no text', { ...good, body: Buffer.from([0xff, 0xfe]) }],
    ['no signature', requestOf(good.body)],
    ['two signatures', withSignature(`${signature},${signature}`)],
    ['the beginning of the signature', withSignature(signature.slice(0, -2))],
    ['the signature without its algorithm', withSignature(signature.slice('sha256='.length))],
    ['the older algorithm', withSignature(`sha1=${createHmac('sha1', 'new-secret').update(good.body).digest('hex')}`)],
  ])('is refused: %s', async (_, request) => {
    expect(await refusalOf(githubAdapter, request, context)).toBe('SIGNATURE_INVALID');
  });

  it('is taken with either secret while one replaces the other, and with none when there is none', async () => {
    const old = signed('issue_comment', comment, 'old-secret');
    expect(await refusalOf(githubAdapter, old, context)).toBeUndefined();
    expect(await refusalOf(githubAdapter, good, contextOf(githubAdapter))).toBe('SIGNATURE_INVALID');
  });
});
