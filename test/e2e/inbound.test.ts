import { Webhook } from 'standardwebhooks';
import { beforeAll, describe, expect, it } from 'vitest';
import { everyItem } from '../support/api-client.ts';
import { MONDAY, withService } from '../support/service.ts';
import { messageId, post, sendWebhook, webhookChannel } from '../support/webhook-sender.ts';

const service = withService();
const ada = { id: 'ada', name: 'Ada Lovelace', email: 'ada@example.com' };
const fire = { conversationId: 'c-1', from: ada, subject: 'Printer', text: 'It is on fire' };

const activitiesOf = async (caseId: string) =>
  (await everyItem(service.anna, `/v1/cases/${caseId}/timeline`)).filter(({ kind }) => kind === 'activity');

describe('a message', () => {
  it('opens a case for a contact who becomes known by it, and the next one of the conversation is added', async () => {
    const secret = await webhookChannel(service, 'shop', { defaults: { priority: 'high' } });
    const opened = await sendWebhook(service, 'shop', secret, fire);
    expect(opened).toMatchObject({ status: 202, body: { outcome: 'created' } });
    const { caseId, activityId } = opened.body;
    const file = (await service.anna.get(`/v1/cases/${caseId}`)).body;
    expect(file).toMatchObject({ title: 'Printer', description: 'It is on fire', origin: 'webhook', priority: 'high' });
    expect((await service.anna.get(`/v1/customers/${file.customerId}`)).body).toMatchObject({
      name: 'Ada Lovelace',
      email: 'ada@example.com',
      contactPoints: [{ channel: 'shop', address: 'ada' }],
    });
    const added = await sendWebhook(service, 'shop', secret, { ...fire, text: 'It is out' });
    expect(added).toMatchObject({ status: 202, body: { outcome: 'appended', caseId } });
    expect(await activitiesOf(caseId)).toMatchObject([
      { activityId, type: 'chat', direction: 'inbound', body: 'It is on fire', channelId: 'shop', from: ada.email },
      { body: 'It is out' },
    ]);
    expect((await service.anna.get(`/v1/cases/${caseId}`)).body.customerReplied).toBe(true);
    const other = await sendWebhook(service, 'shop', secret, { ...fire, conversationId: 'c-2' });
    expect(other.body.outcome).toBe('created');
    const same = (await service.anna.get(`/v1/cases/${other.body.caseId}`)).body;
    expect(same.customerId).toBe(file.customerId);
  });

  it('that comes five times, all at once, is taken in once', async () => {
    const secret = await webhookChannel(service, 'five');
    const id = messageId();
    const answers = await Promise.all([1, 2, 3, 4, 5].map(() => sendWebhook(service, 'five', secret, fire, { id })));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 200, 200, 200, 202]);
    expect(new Set(answers.map(({ body }) => JSON.stringify(body))).size).toBe(1);
    expect(await activitiesOf(answers[0]!.body.caseId)).toHaveLength(1);
    expect((await service.admin.get('/v1/channels/five/intake')).body.items).toHaveLength(1);
    const changed = await sendWebhook(service, 'five', secret, { ...fire, text: 'Other' }, { id });
    expect(changed).toMatchObject({ status: 409, body: { code: 'MESSAGE_ID_REUSED' } });
  });

  it('and another of its conversation that come at once, the later one first, make one case in the order of writing', async () => {
    const secret = await webhookChannel(service, 'race');
    const at = (minutes: number) => new Date(Date.parse(MONDAY) - minutes * 60_000).toISOString();
    const texts = ['fifth', 'fourth', 'third', 'second', 'first'];
    const answers = await Promise.all(
      texts.map((text, n) => sendWebhook(service, 'race', secret, { ...fire, text, occurredAt: at(n + 1) })),
    );
    expect(answers.map(({ status }) => status)).toEqual([202, 202, 202, 202, 202]);
    const [caseId, ...others] = new Set(answers.map(({ body }) => body.caseId));
    expect(others).toEqual([]);
    const bodies = (await activitiesOf(caseId)).map(({ body }) => body);
    expect(bodies).toEqual([...texts].reverse());
    expect(answers.filter(({ body }) => body.outcome === 'created')).toHaveLength(1);
    const contacts = (await service.anna.get('/v1/customers?q=ada@example.com')).body.items;
    const own = contacts.filter((one: { contactPoints: { channel: string }[] }) =>
      one.contactPoints.some(({ channel }) => channel === 'race'),
    );
    expect(own.length).toBeLessThanOrEqual(1);
  });

  it('wakes a case that waits for its customer, but a machine’s does not', async () => {
    const secret = await webhookChannel(service, 'wake');
    const { body } = await sendWebhook(service, 'wake', secret, fire);
    const path = `/v1/cases/${body.caseId}`;
    await service.anna.patch(path, { statusReason: 'waitingForDetails' });
    await sendWebhook(service, 'wake', secret, { ...fire, text: 'Out of office', isAutomatic: true });
    expect((await service.anna.get(path)).body.statusReason).toBe('waitingForDetails');
    await sendWebhook(service, 'wake', secret, { ...fire, text: 'Here are the details' });
    expect((await service.anna.get(path)).body.statusReason).toBe('inProgress');
  });

  it('reaches the case that its case was merged into', async () => {
    const secret = await webhookChannel(service, 'merged');
    const first = (await sendWebhook(service, 'merged', secret, fire)).body.caseId;
    const second = (await sendWebhook(service, 'merged', secret, { ...fire, conversationId: 'c-2' })).body.caseId;
    expect((await service.anna.post(`/v1/cases/${second}/merge`, { caseIds: [first] })).status).toBe(200);
    const added = await sendWebhook(service, 'merged', secret, fire);
    expect(added.body).toMatchObject({ outcome: 'appended', caseId: second });
  });

  it('reopens a case within seven days, and opens a linked one after', async () => {
    const secret = await webhookChannel(service, 'closed');
    const { caseId } = (await sendWebhook(service, 'closed', secret, fire)).body;
    const path = `/v1/cases/${caseId}`;
    const done = { resolutionType: 'problemSolved', resolution: 'Put out' };
    expect((await service.anna.post(`${path}/resolve`, done)).status).toBe(200);
    const machine = await sendWebhook(service, 'closed', secret, { ...fire, isAutomatic: true });
    expect(machine.body).toMatchObject({ outcome: 'appended', caseId, reason: 'automatic' });
    expect((await service.anna.get(path)).body.status).toBe('resolved');
    const again = await sendWebhook(service, 'closed', secret, { ...fire, text: 'Again!' });
    expect(again.body).toMatchObject({ outcome: 'appended', caseId, reason: 'reopened' });
    expect((await service.anna.get(path)).body).toMatchObject({ status: 'active', reopenCount: 1 });
    await service.anna.post(`${path}/resolve`, done);
    const later = new Date(service.host.now() + 7 * 24 * 60 * 60_000 + 1_000).toISOString();
    await service.clockTo(later);
    const linked = await sendWebhook(service, 'closed', secret, { ...fire, text: 'And again' });
    expect(linked.body).toMatchObject({ outcome: 'created', reason: 'newLinked' });
    expect((await service.anna.get(`/v1/cases/${linked.body.caseId}`)).body.previousCaseId).toBe(caseId);
    const next = await sendWebhook(service, 'closed', secret, { ...fire, text: 'More' });
    expect(next.body.caseId).toBe(linked.body.caseId);
  });
});

describe('rules of a channel', () => {
  it('decide in their order, and every skip says why', async () => {
    const secret = await webhookChannel(service, 'rules', {
      unknownSender: 'reject',
      rules: [
        { id: 'lottery', when: { field: 'message.words', op: 'eq', value: 'lottery' }, then: 'spam' },
        { id: 'bots', when: { field: 'message.fromDomain', op: 'eq', value: 'bots.example' }, then: 'ignore' },
        {
          id: 'urgent',
          when: { field: 'message.subject', op: 'eq', value: 'Down' },
          then: 'create',
          fields: { priority: 'urgent' },
        },
      ],
    });
    const customerId = await service.customer({ email: 'grace@example.com' });
    const from = { id: 'grace', email: 'Grace@Example.com' };
    const outcomes = [];
    for (const message of [
      { from, text: 'You won the Lottery!' },
      { from: { id: 'x', email: 'x@bots.example' }, text: 'beep' },
      { from: { id: 'stranger' }, text: 'Hello' },
      { from, subject: 'Down', text: 'All is down' },
    ]) {
      outcomes.push((await sendWebhook(service, 'rules', secret, message)).body);
    }
    expect(outcomes).toMatchObject([
      { outcome: 'ignored', reason: 'spam' },
      { outcome: 'ignored', reason: 'rule' },
      { outcome: 'ignored', reason: 'unknownSender' },
      { outcome: 'created' },
    ]);
    const opened = (await service.anna.get(`/v1/cases/${outcomes[3].caseId}`)).body;
    expect(opened).toMatchObject({ customerId, priority: 'urgent' });
    const { items } = (await service.admin.get('/v1/channels/rules/intake?outcome=ignored')).body;
    expect(items.map(({ ruleId, reason }: { ruleId?: string; reason: string }) => [ruleId, reason])).toEqual([
      [undefined, 'unknownSender'],
      ['bots', 'rule'],
      ['lottery', 'spam'],
    ]);
    const dry = await service.admin.post('/v1/settings/channels/rules/simulations', {
      message: { from, subject: 'Down', text: 'Again' },
    });
    expect(dry.body.messages).toMatchObject([
      { outcome: 'created', ruleId: 'urgent', customerId, case: { title: 'Down', priority: 'urgent' } },
    ]);
    expect(dry.body.messages[0].trace.join()).toContain('rule urgent matches');
  });

  it('attach to the newest open case, or say that there is none', async () => {
    const rules = [{ id: 'all', when: { all: [] }, then: 'attach' }];
    const secret = await webhookChannel(service, 'attach', { rules });
    const customerId = await service.customer({ email: 'alan@example.com' });
    const message = { from: { id: 'alan@example.com' }, text: 'One more thing' };
    const none = await sendWebhook(service, 'attach', secret, message);
    expect(none.body).toMatchObject({ outcome: 'ignored', reason: 'nothingToAttachTo' });
    const { caseId } = await service.opened({ customerId });
    expect((await sendWebhook(service, 'attach', secret, message)).body).toMatchObject({ outcome: 'appended', caseId });
  });

  it('keep a stranger’s message until somebody says whose it is', async () => {
    const secret = await webhookChannel(service, 'held', { unknownSender: 'queue' });
    const message = { conversationId: 'h-1', from: { id: 'who' }, text: 'Guess who' };
    const held = await sendWebhook(service, 'held', secret, message);
    expect(held.body).toEqual({ outcome: 'ignored', reason: 'unknownSenderQueued' });
    const [{ intakeId }] = (await service.admin.get('/v1/channels/held/intake?outcome=queued')).body.items;
    const customerId = await service.customer();
    const path = `/v1/channels/held/intake/${intakeId}/reprocess`;
    const taken = await service.admin.post(path, { customerId });
    expect(taken.body).toMatchObject({ intakeId, outcome: 'created', customerId, reprocessedBy: 'root' });
    expect((await service.admin.post(path, { customerId })).body.caseId).toBe(taken.body.caseId);
    expect(await activitiesOf(taken.body.caseId)).toHaveLength(1);
    const next = await sendWebhook(service, 'held', secret, { ...message, conversationId: 'h-2' });
    expect((await service.anna.get(`/v1/cases/${next.body.caseId}`)).body.customerId).toBe(customerId);
  });

  it('that ask for an entitlement let no case be opened without one', async () => {
    const secret = await webhookChannel(service, 'entitled', { requireEntitlement: true });
    const answer = await sendWebhook(service, 'entitled', secret, fire);
    expect(answer.body).toEqual({ outcome: 'ignored', reason: 'ENTITLEMENT_REQUIRED' });
  });

  it('that leave resolved cases in peace record what comes meanwhile', async () => {
    const secret = await webhookChannel(service, 'wait', { waitAfterResolvedMinutes: 60 });
    const { caseId } = (await sendWebhook(service, 'wait', secret, fire)).body;
    await service.anna.post(`/v1/cases/${caseId}/resolve`, { resolutionType: 'problemSolved', resolution: 'Done' });
    const thanks = await sendWebhook(service, 'wait', secret, { ...fire, text: 'Thanks!' });
    expect(thanks.body).toMatchObject({ outcome: 'appended', caseId, reason: 'waitAfterResolved' });
    expect((await service.anna.get(`/v1/cases/${caseId}`)).body.status).toBe('resolved');
  });
});

describe('a payload of another form', () => {
  const alert = {
    alert: { key: 'disk-7', title: 'Disk full', state: 'firing' },
    host: { name: 'db-1', owner: 'ops@example.com' },
  };

  it('is mapped by expressions and pointers, field by field', async () => {
    const secret = await webhookChannel(service, 'alerts', {
      mapping: {
        conversationId: 'alert.key',
        from: { id: '/host/owner', name: 'host.name' },
        subject: '/alert/title',
        text: '"The host " & host.name & " says " & alert.title',
        ignore: 'alert.state != "firing"',
      },
    });
    const opened = await sendWebhook(service, 'alerts', secret, alert);
    expect((await service.anna.get(`/v1/cases/${opened.body.caseId}`)).body).toMatchObject({
      title: 'Disk full',
      description: 'The host db-1 says Disk full',
    });
    const over = { ...alert, alert: { ...alert.alert, state: 'resolved' } };
    expect((await sendWebhook(service, 'alerts', secret, over)).body).toEqual({
      outcome: 'ignored',
      reason: 'noMessage',
    });
  });

  it('is kept when its mapping does not fit, and taken in once that is put right', async () => {
    const mapping = { from: { id: 'nobody' }, text: 'alert.title' };
    const secret = await webhookChannel(service, 'broken', { mapping });
    const refused = await sendWebhook(service, 'broken', secret, alert);
    expect(refused).toMatchObject({ status: 400, body: { code: 'VALIDATION_FAILED', errors: [{ path: 'from' }] } });
    await webhookChannel(service, 'broken', { mapping: { ...mapping, from: { id: 'host.owner' } } });
    const [{ intakeId }] = (await service.admin.get('/v1/channels/broken/intake?outcome=failed')).body.items;
    const taken = await service.admin.post(`/v1/channels/broken/intake/${intakeId}/reprocess`, {});
    expect(taken.body).toMatchObject({ intakeId, outcome: 'created' });
  });

  it('that a mapping would work on without end is given up', async () => {
    const mapping = '($f := function($n) { $f($n + 1) }; $f(0))';
    const secret = await webhookChannel(service, 'endless', { mapping });
    expect((await sendWebhook(service, 'endless', secret, alert)).body.errors[0].message).toContain('steps');
  });
});

describe('a channel', () => {
  it('takes so many messages a minute and no more', async () => {
    const secret = await webhookChannel(service, 'busy', { messagesPerMinute: 2 });
    for (const n of [1, 2])
      expect((await sendWebhook(service, 'busy', secret, { ...fire, text: `${n}` })).status).toBe(202);
    const third = await sendWebhook(service, 'busy', secret, fire);
    expect(third).toMatchObject({ status: 429, body: { code: 'RATE_LIMITED' } });
    const wait = Number(third.headers.get('retry-after'));
    expect(wait).toBeGreaterThan(0);
    await service.clockTo(new Date(service.host.now() + wait * 1000).toISOString());
    expect((await sendWebhook(service, 'busy', secret, fire)).status).toBe(202);
  });

  it('takes both secrets while one replaces the other, and the old one no longer after a day', async () => {
    const old = await webhookChannel(service, 'turn');
    const { secret } = (await service.admin.post('/v1/settings/channels/turn/rotate-secret')).body;
    expect((await sendWebhook(service, 'turn', old, fire)).status).toBe(202);
    expect((await sendWebhook(service, 'turn', secret, fire)).status).toBe(202);
    await service.clockTo(new Date(service.host.now() + 24 * 60 * 60_000).toISOString());
    expect((await sendWebhook(service, 'turn', old, fire)).body.code).toBe('SIGNATURE_INVALID');
    expect((await sendWebhook(service, 'turn', secret, fire)).status).toBe(202);
  });

  it('that is not there, or not enabled, takes nothing', async () => {
    const secret = await webhookChannel(service, 'off', { enabled: false });
    expect((await sendWebhook(service, 'off', secret, fire)).status).toBe(404);
    expect((await post(service.host.url, 'nowhere', '{}', {})).status).toBe(404);
  });
});

describe('what is not signed as it must be', () => {
  const body = JSON.stringify(fire);
  const bytes = Buffer.from(body);
  const seconds = (ms: number) => String(Math.floor(ms / 1000));
  const signedBy = (secret: string, { id = 'msg_attack', at = service.host.now(), text = body } = {}) => ({
    'content-type': 'application/json',
    'webhook-id': id,
    'webhook-timestamp': seconds(at),
    'webhook-signature': new Webhook(secret).sign(id, new Date(at), text),
  });
  type Signed = ReturnType<typeof signedBy>;
  const MINUTE = 60_000;
  let own: string;
  let others: string;
  beforeAll(async () => {
    own = await webhookChannel(service, 'guarded');
    others = await webhookChannel(service, 'neighbour');
  });
  const without = (signed: Signed, name: keyof Signed) => ({ ...signed, [name]: [] });
  const changed = Buffer.from(bytes);
  changed[changed.length - 3]! ^= 1;

  it.each<[string, () => Record<string, string | string[]>, (string | Buffer)?, string?]>([
    ['no signature at all', () => ({ 'content-type': 'application/json' })],
    ['another key', () => signedBy('whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw')],
    ['the key of another channel', () => signedBy(others)],
    [
      'a signature of five minutes ago',
      () => signedBy(own, { at: service.host.now() - 5 * MINUTE - 1000 }),
      body,
      'TOO_OLD',
    ],
    [
      'a signature of five minutes from now',
      () => signedBy(own, { at: service.host.now() + 5 * MINUTE + 1000 }),
      body,
      'TOO_OLD',
    ],
    [
      'a fresh time on an old signature',
      () => ({ ...signedBy(own), 'webhook-timestamp': seconds(service.host.now() - 1000) }),
    ],
    ['a time that is no number', () => ({ ...signedBy(own), 'webhook-timestamp': `${seconds(service.host.now())}x` })],
    ['a time in milliseconds', () => ({ ...signedBy(own), 'webhook-timestamp': String(service.host.now()) })],
    ['a negative time', () => ({ ...signedBy(own), 'webhook-timestamp': '-1' })],
    ['another id than was signed', () => ({ ...signedBy(own), 'webhook-id': 'msg_other' })],
    ['one byte changed', () => signedBy(own), changed],
    ['one byte more', () => signedBy(own), `${body} `],
    ['an empty body', () => signedBy(own), ''],
    [
      'bytes that are no text',
      () => ({ ...signedBy(own, { text: '{"text":"\ufffd"}' }), 'content-type': 'application/octet-stream' }),
      Buffer.from([...Buffer.from('{"text":"'), 0xff, ...Buffer.from('"}')]),
    ],
    ['a body in UTF-16', () => signedBy(own), Buffer.from(body, 'utf16le')],
    ['no id', () => without(signedBy(own), 'webhook-id')],
    ['no time', () => without(signedBy(own), 'webhook-timestamp')],
    ['no signature', () => without(signedBy(own), 'webhook-signature')],
    ['two ids', () => ({ ...signedBy(own), 'webhook-id': ['msg_attack', 'msg_attack'] })],
    [
      'two times',
      () => ({ ...signedBy(own), 'webhook-timestamp': [seconds(service.host.now()), seconds(service.host.now())] }),
    ],
    [
      'two signature headers',
      () => ({
        ...signedBy(own),
        'webhook-signature': [signedBy(own)['webhook-signature'], signedBy(own)['webhook-signature']],
      }),
    ],
    [
      'the beginning of the signature',
      () => ({ ...signedBy(own), 'webhook-signature': signedBy(own)['webhook-signature'].slice(0, -5) }),
    ],
    [
      'the signature without its version',
      () => ({ ...signedBy(own), 'webhook-signature': signedBy(own)['webhook-signature'].slice(3) }),
    ],
    [
      'the signature under another version',
      () => ({ ...signedBy(own), 'webhook-signature': signedBy(own)['webhook-signature'].replace('v1,', 'v2,') }),
    ],
    [
      'the signature in hexadecimal',
      () => ({
        ...signedBy(own),
        'webhook-signature': `v1,${Buffer.from(signedBy(own)['webhook-signature'].slice(3), 'base64').toString('hex')}`,
      }),
    ],
    ['a signature of nothing', () => ({ ...signedBy(own), 'webhook-signature': 'v1,' })],
  ])('is refused: %s', async (_, headers, sent = body, code = 'SIGNATURE_INVALID') => {
    expect(await post(service.host.url, 'guarded', sent, headers())).toMatchObject({ status: 401, body: { code } });
  });

  it('and neither is what is too large, however well it is signed', async () => {
    const huge = JSON.stringify({ ...fire, text: 'x'.repeat(256 * 1024) });
    const answer = await post(service.host.url, 'guarded', huge, signedBy(own, { text: huge }));
    expect(answer).toMatchObject({ status: 413, body: { code: 'PAYLOAD_TOO_LARGE' } });
  });

  it('leaves no trace, while one good signature among several is enough', async () => {
    expect((await service.admin.get('/v1/channels/guarded/intake')).body.items).toEqual([]);
    const signed = signedBy(own);
    const several = `${signedBy(others)['webhook-signature']} ${signed['webhook-signature']}`;
    const answer = await post(service.host.url, 'guarded', body, { ...signed, 'webhook-signature': several });
    expect(answer.status).toBe(202);
    const binary = await post(service.host.url, 'guarded', bytes, {
      ...signed,
      'content-type': 'application/octet-stream',
    });
    expect(binary.status).toBe(200);
  });
});
