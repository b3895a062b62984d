import { createHmac, randomUUID } from 'node:crypto';
import { createRequire } from 'node:module';
import { describe, expect, it } from 'vitest';
import type { Intake } from '../../domain/intake/intake.ts';
import { everyItem } from '../support/api-client.ts';
import { withService } from '../support/service.ts';
import { everyStoredItem } from '../support/stored-items.ts';
import { post } from '../support/webhook-sender.ts';

const service = withService();
const published: { name: string; examples: object[] }[] = createRequire(import.meta.url)('@octokit/webhooks-examples');

describe('a channel', () => {
  it('gets a secret with its first PUT, which no later answer shows', async () => {
    const made = await service.admin.put('/v1/settings/channels/shop', { kind: 'webhook' });
    expect(made).toMatchObject({ status: 200, body: { id: 'shop', version: 1, kind: 'webhook', enabled: true } });
    expect(made.body.secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
    const again = await service.admin.put('/v1/settings/channels/shop', { kind: 'webhook', name: 'Shop' });
    expect(again.body).not.toHaveProperty('secret');
    expect((await service.anna.get('/v1/settings/channels/shop')).body).not.toHaveProperty('secret');
    const rotated = await service.admin.post('/v1/settings/channels/shop/rotate-secret');
    expect(rotated.body.secret).toMatch(/^whsec_/);
    expect(rotated.body.secret).not.toBe(made.body.secret);
  });

  it('that is gone takes its secrets with it', async () => {
    const first = await service.admin.put('/v1/settings/channels/gone', { kind: 'webhook' });
    expect((await service.admin.delete('/v1/settings/channels/gone')).body.deleted).toBe(true);
    const second = await service.admin.put('/v1/settings/channels/gone', { kind: 'webhook' });
    expect(second.body.secret).toMatch(/^whsec_/);
    expect(second.body.secret).not.toBe(first.body.secret);
  });

  it.each([
    ['a queue that there is not', { queueId: 'nowhere' }, 'queueId'],
    ['a template that there is not', { autoReply: { templateId: 'thanks' } }, 'autoReply.templateId'],
    ['a mapping that is no expression', { mapping: { from: { id: 'user.' }, text: 'text' } }, 'mapping.from.id'],
    ['a secret that its kind does not know', { secrets: { signingSecret: 'x' } }, 'secrets.signingSecret'],
    ['rules under one id', { rules: [1, 2].map(() => ({ id: 'a', when: { all: [] }, then: 'ignore' })) }, 'rules'],
  ])('is refused with %s', async (_, body, path) => {
    const answer = await service.admin.put('/v1/settings/channels/bad', { kind: 'webhook', ...body });
    expect(answer).toMatchObject({ status: 400, body: { code: 'VALIDATION_FAILED', errors: [{ path }] } });
  });

  it('of a provider takes in forms as that signs them, and answers as it reads', async () => {
    const provider = { accountSid: `AC${'0a'.repeat(16)}`, number: '+14155238886' };
    const settings = { kind: 'telephony', provider, secrets: { authToken: '12345' } };
    const made = await service.admin.put('/v1/settings/channels/sms', settings);
    expect(made.status).toBe(200);
    expect(JSON.stringify(made.body)).not.toContain('12345');
    const { host } = new URL(service.host.url);
    const form = {
      AccountSid: provider.accountSid,
      Body: 'It is on fire',
      From: '+14017122661',
      MessageSid: `SM${'1b'.repeat(16)}`,
      To: provider.number,
    };
    const signed = `https://${host}/v1/channels/sms/inbound${Object.entries(form).flat().join('')}`;
    const send = async (signature: string) => {
      const headers = { 'x-twilio-signature': signature };
      const body = new URLSearchParams(form);
      const url = `${service.host.url}/v1/channels/sms/inbound`;
      const response = await fetch(url, { method: 'POST', headers, body });
      return { status: response.status, text: await response.text() };
    };
    expect((await send('x')).status).toBe(401);
    const signature = createHmac('sha1', '12345').update(signed).digest('base64');
    expect(await send(signature)).toEqual({ status: 200, text: '<Response/>' });
    const [taken] = (await service.admin.get('/v1/channels/sms/intake')).body.items;
    expect(taken).toMatchObject({ outcome: 'created', from: { phone: '+14017122661' } });
    const { origin, description } = (await service.anna.get(`/v1/cases/${taken.caseId}`)).body;
    expect({ origin, description }).toEqual({ origin: 'phone', description: 'It is on fire' });
  });

  it('is told by its provider that a message has not arrived, before the attempt to send is over or after', async () => {
    const provider = { accountSid: `AC${'0a'.repeat(16)}`, number: '+14155238886' };
    const sms = async (id: string, change: object, query = '') => {
      const MessageSid = `SM${'2c'.repeat(16)}`;
      const form = { AccountSid: provider.accountSid, MessageSid, From: '+1401', To: provider.number, ...change };
      const path = `/v1/channels/${id}/inbound${query}`;
      const fields = Object.entries(form).sort(([a], [b]) => (a < b ? -1 : 1));
      const signed = `https://${new URL(service.host.url).host}${path}${fields.flat().join('')}`;
      const signature = createHmac('sha1', '12345').update(signed).digest('base64');
      const headers = { 'x-twilio-signature': signature };
      const body = new URLSearchParams(form);
      expect((await fetch(`${service.host.url}${path}`, { method: 'POST', headers, body })).status).toBe(200);
    };
    for (const id of ['texts', 'others']) {
      await service.admin.put(`/v1/settings/channels/${id}`, {
        kind: 'telephony',
        provider,
        secrets: { authToken: '12345' },
      });
    }
    await sms('texts', { Body: 'It is on fire' });
    const [{ caseId }] = (await service.admin.get('/v1/channels/texts/intake')).body.items;
    const { activityId } = (await service.anna.post(`/v1/cases/${caseId}/replies`, { text: 'Where?' })).body;
    const entries = () => everyItem(service.anna, `/v1/cases/${caseId}/timeline`);
    const deliveryOf = async () =>
      (await entries()).find((one) => one.activityId === activityId && one.delivery).delivery;
    const tag = `?docket=${caseId}_${activityId}`;
    const undelivered = { MessageStatus: 'undelivered', ErrorCode: '30003' };
    await sms('others', undelivered, tag);
    await sms('texts', { MessageStatus: 'sent' }, tag);
    expect(await deliveryOf()).toBe('queued');
    for (const receipt of [undelivered, undelivered, { MessageStatus: 'delivered' }]) await sms('texts', receipt, tag);
    expect(await deliveryOf()).toBe('failed');
    expect((await entries()).filter(({ type }) => type === 'activity.failed')).toMatchObject([
      { activityId, reason: 'Twilio: undelivered (30003)' },
    ]);
    const { items } = (await service.admin.get('/v1/channels/texts/intake')).body;
    expect(items.map(({ reason }: { reason?: string }) => reason)).toEqual([
      'receipt',
      'notArrived',
      'receipt',
      undefined,
    ]);
    const ids = (await everyStoredItem(service.host))
      .map((item) => JSON.parse(item))
      .filter(({ entity, intakeId }) => entity === 'message' && items.some((one: Intake) => one.intakeId === intakeId));
    const kept = ids.map(({ answer, expiresAt }) => `${answer.outcome} ${expiresAt ? 'a week' : 'for ever'}`);
    expect(new Set(kept)).toEqual(new Set(['created for ever', 'ignored a week']));
  });

  it('of GitHub takes in what GitHub has published, and each thing once, whatever delivery it comes by', async () => {
    const settings = { kind: 'github', secrets: { accessToken: 'ghp_x' } };
    const { secret } = (await service.admin.put('/v1/settings/channels/hub', settings)).body;
    const payloads = published
      .filter(({ name }) => name === 'issues' || name === 'issue_comment' || name === 'star')
      .flatMap(({ name, examples }) => examples.map((example) => ({ name, body: JSON.stringify(example) })));
    const sendAll = async () => {
      const counts: Record<string, number> = {};
      for (const { name, body } of payloads) {
        const signature = createHmac('sha256', secret).update(body).digest('hex');
        const answer = await post(service.host.url, 'hub', body, {
          'content-type': 'application/json',
          'x-github-event': name,
          'x-github-delivery': randomUUID(),
          'x-hub-signature-256': `sha256=${signature}`,
        });
        const what = `${answer.status} ${answer.body.outcome}`;
        counts[what] = (counts[what] ?? 0) + 1;
      }
      return counts;
    };
    const activities = async () => {
      const ids = new Set((await everyItem(service.admin, '/v1/channels/hub/intake')).map(({ caseId }) => caseId));
      ids.delete(undefined);
      const timelines = await Promise.all([...ids].map((id) => everyItem(service.anna, `/v1/cases/${id}/timeline`)));
      return timelines.flat().filter(({ kind }) => kind === 'activity').length;
    };
    // The examples are variations on one issue with one comment; one of them words the comment otherwise.
    const counts = { '200 created': 4, '200 appended': 2, '202 ignored': 32, '409 undefined': 1 };
    expect(await sendAll()).toEqual({ ...counts, '202 created': 1, '202 appended': 1 });
    expect(await activities()).toBe(2);
    expect(await sendAll()).toEqual({ ...counts, '200 created': 5, '200 appended': 3 });
    expect(await activities()).toBe(2);
  });

  it('is for admins to change', async () => {
    const answer = await service.supervisor.put('/v1/settings/channels/mine', { kind: 'webhook' });
    expect(answer).toMatchObject({ status: 403, body: { code: 'FORBIDDEN' } });
  });
});

describe('a template of messages', () => {
  it('is refused when it is not Liquid, and kept while a channel answers by it', async () => {
    const thanks = { name: 'Thanks', kind: 'autoReply', language: 'en', body: 'We have {{ case.caseNumber }}.' };
    const broken = { ...thanks, body: '{% if %}' };
    expect((await service.supervisor.put('/v1/settings/templates/thanks', broken)).body.errors[0].path).toBe('body');
    expect((await service.supervisor.put('/v1/settings/templates/thanks', thanks)).status).toBe(200);
    const channel = { kind: 'webhook', autoReply: { templateId: 'thanks' } };
    expect((await service.admin.put('/v1/settings/channels/polite', channel)).status).toBe(200);
    const kept = await service.supervisor.delete('/v1/settings/templates/thanks');
    expect(kept).toMatchObject({ status: 409, body: { code: 'IN_USE' } });
  });
});
