import { Webhook } from 'standardwebhooks';
import { describe, expect, it } from 'vitest';
import { everyItem } from '../support/api-client.ts';
import { always, receivers } from '../support/receiver.ts';
import { withService } from '../support/service.ts';
import { sendWebhook, webhookChannel } from '../support/webhook-sender.ts';

const service = withService();
const receiver = receivers();
const ada = { id: 'ada', name: 'Ada Lovelace', email: 'ada@example.com' };
const fire = { conversationId: 'c-1', from: ada, subject: 'Printer', text: 'It is on fire' };

const entry = async (caseId: string, activityId: string) =>
  (await everyItem(service.anna, `/v1/cases/${caseId}/timeline`)).find((one) => one.activityId === activityId);

describe('a reply', () => {
  it('leaves by the channel of the last message, is the first response, and may move the case', async () => {
    const shop = await receiver();
    const secret = await webhookChannel(service, 'shop', { replyUrl: shop.url, signature: 'The shop' });
    const { caseId } = (await sendWebhook(service, 'shop', secret, fire)).body;
    const path = `/v1/cases/${caseId}`;
    const reply = await service.anna.post(`${path}/replies`, { text: 'Where?', setStatusReason: 'waitingForDetails' });
    expect(reply).toMatchObject({
      status: 202,
      body: { delivery: 'queued', direction: 'outbound', type: 'chat', channelId: 'shop', to: ['ada'] },
    });
    const { activityId } = reply.body;
    await service.settled();
    expect(shop.received).toHaveLength(1);
    const [{ headers, body, event }] = shop.received as [(typeof shop.received)[number]];
    const at = new Date(Number(headers['webhook-timestamp']) * 1000);
    expect(headers['webhook-signature']).toBe(new Webhook(secret).sign(activityId, at, body));
    expect(headers['webhook-id']).toBe(activityId);
    expect(event).toMatchObject({ caseId, conversationId: 'c-1', text: 'Where?\n\nThe shop', to: ['ada'] });
    expect(await entry(caseId, activityId)).toMatchObject({ delivery: 'sent', sending: { attempts: 1 } });
    expect((await service.anna.get(path)).body).toMatchObject({
      statusReason: 'waitingForDetails',
      firstRespondedOn: reply.body.occurredAt,
    });
    const posts = await everyItem(service.anna, `${path}/timeline`);
    expect(posts).toContainEqual(expect.objectContaining({ type: 'activity.sent', activityId }));
  });

  it('is tried again while the receiver is down, once each, and told of when it fails for good', async () => {
    const down = await receiver((response, _, n) => response.writeHead(n < 3 ? 503 : 200).end());
    const closed = await receiver(always(410));
    const secret = await webhookChannel(service, 'down', { replyUrl: down.url });
    const { caseId } = (await sendWebhook(service, 'down', secret, fire)).body;
    const again = (await service.anna.post(`/v1/cases/${caseId}/replies`, { text: 'Hello?' })).body.activityId;
    await service.settled();
    expect(await entry(caseId, again)).toMatchObject({
      delivery: 'queued',
      sending: { attempts: 1, error: 'the receiver answered 503' },
    });
    const start = service.host.now();
    for (const minutes of [1, 2, 8]) await service.clockTo(new Date(start + minutes * 60_000).toISOString());
    expect(await entry(caseId, again)).toMatchObject({ delivery: 'sent', sending: { attempts: 3 } });
    expect(new Set(down.received.map(({ headers }) => headers['webhook-id']))).toEqual(new Set([again]));

    await webhookChannel(service, 'down', { replyUrl: closed.url });
    const lost = (await service.anna.post(`/v1/cases/${caseId}/replies`, { text: 'Still there?' })).body.activityId;
    await service.settled();
    expect(await entry(caseId, lost)).toMatchObject({ delivery: 'failed' });
    const posts = await everyItem(service.anna, `/v1/cases/${caseId}/timeline`);
    expect(posts).toContainEqual(expect.objectContaining({ type: 'activity.failed', activityId: lost }));
  });

  it('by a template reads as it says, in the words of the agent', async () => {
    const shop = await receiver();
    const secret = await webhookChannel(service, 'templated', { replyUrl: shop.url });
    const { caseId } = (await sendWebhook(service, 'templated', secret, fire)).body;
    await service.supervisor.put('/v1/settings/templates/formal', {
      name: 'Formal',
      kind: 'reply',
      language: 'en',
      subject: 'About {{ case.caseNumber }}',
      body: 'Dear {{ customer.name }},\n{{ text }}',
    });
    const reply = await service.anna.post(`/v1/cases/${caseId}/replies`, {
      templateId: 'formal',
      text: 'All is well.',
    });
    expect(reply.body).toMatchObject({ body: 'Dear Ada Lovelace,\nAll is well.', templateId: 'formal' });
    expect(reply.body.subject).toMatch(/^About CASE-\d+$/);
  });

  it('to all children of a case reaches each customer where they wrote, and tells of those who cannot be reached', async () => {
    const shop = await receiver();
    const secret = await webhookChannel(service, 'crowd', { replyUrl: shop.url });
    const parent = await service.opened({ queueId: 'default' });
    const children: string[] = [];
    for (const conversationId of ['crowd-1', 'crowd-2']) {
      children.push((await sendWebhook(service, 'crowd', secret, { ...fire, conversationId })).body.caseId);
    }
    children.push((await service.opened()).caseId);
    await service.anna.post('/v1/cases/associate', { parentId: parent.caseId, caseIds: children });
    const path = `/v1/cases/${parent.caseId}`;
    await service.anna.post(`${path}/broadcast`, { text: 'Help is on its way', visibility: 'public' });
    await service.settled();
    expect((await service.anna.get(path)).body.broadcast).toMatchObject({ state: 'partial', delivered: 2, failed: 1 });
    const sent = shop.received.map(({ event }) => event);
    expect(sent.map(({ conversationId }) => conversationId).sort()).toEqual(['crowd-1', 'crowd-2']);
    expect(new Set(sent.map(({ text }) => text))).toEqual(new Set(['Help is on its way']));
    const listed = await everyItem(service.anna, `${path}/children`);
    const lonely = listed.find(({ caseId }) => caseId === children[2]);
    expect(lonely.broadcastOutcome).toMatchObject({ outcome: 'failed', reason: expect.stringContaining('channel') });
    expect((await service.anna.get(`/v1/cases/${children[0]}`)).body.firstRespondedOn).toBeDefined();
  });

  it('needs an open case, a channel, and somebody to send it to', async () => {
    const lonely = await service.opened();
    const replies = `/v1/cases/${lonely.caseId}/replies`;
    expect((await service.anna.post(replies, { text: 'x' })).body.errors[0].path).toBe('channelId');
    await webhookChannel(service, 'mute');
    const cannot = await service.anna.post(replies, { text: 'x', channelId: 'mute', to: ['ada'] });
    expect(cannot).toMatchObject({ status: 409, body: { code: 'CHANNEL_CANNOT_INITIATE' } });
    await service.anna.post(`/v1/cases/${lonely.caseId}/cancel`, {});
    const closed = await service.anna.post(replies, { text: 'x', channelId: 'mute', to: ['ada'] });
    expect(closed.body.code).toBe('CASE_NOT_ACTIVE');
  });
});

describe('a channel', () => {
  it('answers by itself what opens a case, once, and never a machine', async () => {
    const shop = await receiver();
    const body = 'We call it {{ case.referenceKey }}.';
    const template = { name: 'Thanks', kind: 'autoReply', language: 'en', body };
    await service.supervisor.put('/v1/settings/templates/thanks', template);
    const secret = await webhookChannel(service, 'polite', {
      replyUrl: shop.url,
      autoReply: { templateId: 'thanks' },
      rules: [{ id: 'all', when: { all: [] }, then: 'create' }],
    });
    const { caseId } = (await sendWebhook(service, 'polite', secret, fire)).body;
    await sendWebhook(service, 'polite', secret, { ...fire, text: 'More' });
    await sendWebhook(service, 'polite', secret, { ...fire, conversationId: 'c-2', isAutomatic: true });
    await service.settled();
    const file = (await service.anna.get(`/v1/cases/${caseId}`)).body;
    expect(shop.received.map(({ event }) => event.text)).toEqual([`We call it ${file.referenceKey}.`]);
    expect(shop.received[0]!.event.isAutomatic).toBe(true);
    expect(file.firstRespondedOn).toBeUndefined();
  });

  it('that can begin opens a case outward, whose answer comes back to it', async () => {
    const supplier = await receiver();
    const secret = await webhookChannel(service, 'supplier', { replyUrl: supplier.url });
    const parent = await service.opened();
    const outbound = { channelId: 'supplier', to: 'parts', text: 'Have you a new printer?' };
    const opened = await service.opened({ parentId: parent.caseId, outbound });
    expect(opened).toMatchObject({ title: parent.title, customerId: parent.customerId });
    await service.settled();
    const [{ event }] = supplier.received as [(typeof supplier.received)[number]];
    expect(event).toMatchObject({ caseId: opened.caseId, to: ['parts'], text: outbound.text });
    const answer = { conversationId: event.conversationId, from: { id: 'parts' }, text: 'Yes' };
    const back = await sendWebhook(service, 'supplier', secret, answer);
    expect(back.body).toMatchObject({ outcome: 'appended', caseId: opened.caseId });
    const reply = await service.anna.post(`/v1/cases/${opened.caseId}/replies`, { text: 'Send it' });
    expect(reply.body.to).toEqual(['parts']);
    const fields = { title: 'x', origin: 'web', customerId: parent.customerId };
    const mute = { ...outbound, channelId: 'mute' };
    const refused = await service.anna.post('/v1/cases', { ...fields, outbound: mute });
    expect(refused).toMatchObject({ status: 409, body: { code: 'CHANNEL_CANNOT_INITIATE' } });
  });
});
