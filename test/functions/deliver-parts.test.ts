import { describe, expect, it } from 'vitest';
import { putChannel } from '../../functions/channels/change-channels.ts';
import { PutChannel } from '../../functions/channels/channels.routes.ts';
import type { HttpResult, OutgoingRequest } from '../../functions/http/guarded-http.ts';
import { type CourierServices, deliver } from '../../functions/replies/deliver.ts';
import { deskOn } from '../support/desk.ts';
import { withLocalTable } from '../support/local-table.ts';

const local = withLocalTable();
const AT = '2026-03-09T13:00:00.000Z';
const LATER = '2026-03-09T13:10:00.000Z';

/** A provider of text messages that answers in turn with these statuses, and tells what it was sent. */
const provider = (...statuses: number[]) => {
  const requests: OutgoingRequest[] = [];
  const answered = (status: number): HttpResult => {
    const body = Buffer.from(JSON.stringify({ sid: `SM${requests.length}` }));
    return { answered: true, status, headers: {}, body, isCut: false, durationMs: 1 };
  };
  const services: CourierServices = {
    ...local.services,
    http: async (request) => answered(statuses[requests.push(request) - 1] ?? 201),
    mail: async () => ({ taken: false, reason: 'this is no mail', isFinal: true }),
    files: { get: async () => new Uint8Array() },
  };
  return { services, texts: () => requests.map(({ body }) => new URLSearchParams(String(body)).get('Body') ?? '') };
};

const sms = async (text: string) => {
  local.clock.now = AT;
  const provided = { accountSid: `AC${'0'.repeat(32)}`, number: '+15551234567' };
  const body = PutChannel.parse({ kind: 'telephony', provider: provided, secrets: { authToken: 'x' } });
  const caller = { userId: 'root', roles: ['admin'] as const };
  await putChannel(local.services, { params: { id: 'phone' }, query: {}, body, caller, correlationId: 'test' });
  const desk = deskOn(local.services);
  const { caseId } = (await desk.open({ outbound: { channelId: 'phone', to: '+15557654321', text } })).case;
  const [added] = await desk.events(caseId, 'activity.added');
  const { activityId } = added!.fact as { activityId: string };
  return { caseId, activityId, sent: () => desk.events(caseId, 'activity.sent') };
};
const sentence = 'It is out, and nobody was hurt. ';

describe('a text that is longer than its provider takes at once', () => {
  it('goes in parts, in order', async () => {
    const { sent, ...named } = await sms(sentence.repeat(130));
    const { services, texts } = provider();
    expect(await deliver(services, named)).toMatchObject({
      delivery: 'sent',
      sending: { partsSent: 3, externalId: 'SM3' },
    });
    expect(texts()).toHaveLength(3);
    expect(texts().join(' ')).toBe(sentence.repeat(130).trim());
    expect(await sent()).toHaveLength(1);
  });

  it('goes on after the last part that left, when one fails', async () => {
    const { sent, ...named } = await sms(sentence.repeat(130));
    const { services, texts } = provider(201, 503);
    expect(await deliver(services, named)).toMatchObject({
      delivery: 'queued',
      sending: { partsSent: 1, attempts: 1 },
    });
    local.clock.now = LATER;
    expect(await deliver(services, named)).toMatchObject({ delivery: 'sent', sending: { partsSent: 3, attempts: 2 } });
    const [first, second, again, third] = texts();
    expect(again).toBe(second);
    expect([first, again, third].join(' ')).toBe(sentence.repeat(130).trim());
    expect(await sent()).toHaveLength(1);
  });

  it('is refused when it is longer than anybody would read there', async () => {
    await expect(sms(sentence.repeat(300))).rejects.toThrow(/VALIDATION_FAILED/);
  });
});
