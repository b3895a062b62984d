import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { EventType } from '../../domain/webhooks/event-types.ts';
import { everyItem } from '../support/api-client.ts';
import { always, receivers } from '../support/receiver.ts';
import { withService } from '../support/service.ts';

const service = withService();
const receiver = receivers();
const at = (id: string, rest = '') => `/v1/settings/webhook-subscriptions/${id}${rest}`;

const subscribe = async (id: string, fields: object) => {
  const answer = await service.admin.put(at(id), { types: ['case.created'], ...fields });
  expect(answer.status).toBe(200);
  return answer.body;
};

describe('webhook subscriptions', () => {
  it('are sent what happens, tried again by the clock, and logged; an admin sends again', async () => {
    const good = await receiver();
    const bad = await receiver((response, _, n) => response.writeHead(n < 3 ? 500 : 200).end(`try ${n}`));
    const { secret } = await subscribe('good', { url: good.url, types: ['case.created', 'case.resolved'] });
    await subscribe('bad', { url: bad.url });
    expect(secret).toMatch(/^whsec_/);
    const { caseId, caseNumber } = await service.opened({ title: 'Smoke' });
    await service.anna.post(`/v1/cases/${caseId}/resolve`, { resolutionType: 'problemSolved', resolution: 'Aired' });
    await service.settled();
    expect(good.received.map(({ event }) => event.type)).toEqual(['case.created', 'case.resolved']);
    expect(good.received[0]!.event.data.case).toMatchObject({ caseId, caseNumber, title: 'Smoke' });

    for (const minute of ['09:02', '09:10']) await service.clockTo(`2026-03-02T${minute}:00.000Z`);
    expect(bad.received).toHaveLength(3);
    const { body: log } = await service.admin.get(at('bad', '/deliveries'));
    expect(log.items).toMatchObject([
      {
        type: 'case.created',
        caseId,
        status: 'succeeded',
        attempts: [
          { outcome: 'failed', status: 500, answer: 'try 1' },
          { outcome: 'failed', status: 500 },
          { outcome: 'succeeded', status: 200, at: '2026-03-02T09:10:00.000Z' },
        ],
      },
    ]);
    const { deliveryId } = log.items[0];
    const one = await service.admin.get(at('bad', `/deliveries/${deliveryId}`));
    expect(JSON.parse(one.body.body)).toEqual(bad.received[0]!.event);

    const again = await service.admin.post(at('bad', `/deliveries/${deliveryId}/redeliver`), {}, { key: 'once' });
    expect(again).toMatchObject({ status: 202, body: { status: 'pending' } });
    await service.admin.post(at('bad', `/deliveries/${deliveryId}/redeliver`), {}, { key: 'once' });
    await service.settled();
    expect(bad.received).toHaveLength(4);
    expect(new Set(bad.received.map(({ headers }) => headers['webhook-id'])).size).toBe(1);

    const range = { from: '2026-03-02T09:00:00.000Z', to: '2026-03-02T10:00:00.000Z', statuses: ['succeeded'] };
    expect((await service.admin.post(at('good', '/redeliver'), range)).body).toEqual({ redelivered: 2 });
    await service.settled();
    expect(good.received).toHaveLength(4);
    const types = (await everyItem(service.admin, at('good', '/deliveries'))).map(({ type }) => type);
    expect(types).toEqual(['case.resolved', 'case.created']);
    expect(await everyItem(service.admin, at('good', '/deliveries?status=failed'))).toEqual([]);
  });

  it('show their secret once, give it a successor, and are tested by a call', async () => {
    const { url, received } = await receiver();
    const { secret } = await subscribe('secretive', { url });
    expect((await service.admin.get(at('secretive'))).body).toMatchObject({ health: { status: 'working' } });
    for (const { body } of [
      await service.admin.get(at('secretive')),
      await service.admin.put(at('secretive'), { url, types: ['case.updated'] }),
      await service.admin.get('/v1/settings/webhook-subscriptions'),
    ]) {
      expect(JSON.stringify(body)).not.toContain('whsec_');
    }
    const rotated = await service.admin.post(at('secretive', '/rotate-secret'), {}, { key: 'rotate' });
    expect(rotated.body.secret).toMatch(/^whsec_/);
    expect(rotated.body.secret).not.toBe(secret);
    expect(rotated.body.secrets).toHaveLength(2);
    const repeated = await service.admin.post(at('secretive', '/rotate-secret'), {}, { key: 'rotate' });
    expect(repeated.body.secret).toBeUndefined();
    expect((await service.admin.post(at('secretive', '/test'))).status).toBe(202);
    await service.settled();
    expect(received.map(({ event }) => event)).toMatchObject([{ type: 'webhook.test', data: { requestedBy: 'root' } }]);
    expect(received[0]!.headers['webhook-signature']?.toString().split(' ')).toHaveLength(2);
  });

  it('whose receiver is gone are disabled, and come back as an admin says so', async () => {
    const { url, received } = await receiver(always(410));
    await subscribe('gone', { url });
    await service.opened();
    await service.settled();
    const { body } = await service.admin.get(at('gone'));
    expect(body).toMatchObject({ enabled: false, version: 2, health: { status: 'disabled', because: 'gone' } });
    await service.opened();
    await service.settled();
    expect(received).toHaveLength(1);
    const fixed = await receiver();
    await subscribe('gone', { url: fixed.url });
    const range = { from: '2026-03-02T09:00:00.000Z', to: '2026-03-02T10:00:00.000Z' };
    expect((await service.admin.post(at('gone', '/redeliver'), range)).body.redelivered).toBe(0);
    const hurried = await service.admin.post(at('gone', '/redeliver'), { ...range, statuses: ['pending'] });
    expect(hurried.body.redelivered).toBe(1);
    await service.settled();
    expect(fixed.received).toHaveLength(1);
    expect((await service.admin.delete(at('gone'))).status).toBe(200);
    expect((await service.admin.get(at('gone', '/deliveries'))).status).toBe(404);
  });

  it('are called by the alarms of clocks that name them, once, and stay as long as one does', async () => {
    const { url, received } = await receiver();
    await subscribe('pager', { url, types: ['case.merged'] });
    const webhook = { type: 'webhook', subscriptionId: 'pager' };
    const item = { id: 'all', kpi: 'resolve', targetMinutes: 60, actions: { breach: [webhook] } };
    const put = (items: object[]) => service.admin.put('/v1/settings/slas/paged', { name: 'Paged', items });
    const wrong = { ...item, actions: { breach: [{ ...webhook, subscriptionId: 'nobody' }] } };
    expect((await put([wrong])).body.errors[0].path).toBe('items.0.actions.breach.0.subscriptionId');
    expect((await put([item])).status).toBe(200);
    const { caseId } = await service.opened({ slaId: 'paged' });
    await service.clockTo('2026-03-02T11:00:00.000Z');
    expect(received.map(({ event }) => event)).toMatchObject([
      { type: 'sla.breached', data: { caseId, kpi: 'resolve', dueAt: expect.stringMatching(/^2026-03-02T10/) } },
    ]);
    expect((await service.admin.delete(at('pager'))).body.code).toBe('IN_USE');
    await put([]);
    expect((await service.admin.delete(at('pager'))).status).toBe(200);
  });

  it.each([
    ['no address', { url: 'printer' }, 'url'],
    ['an address of another kind', { url: 'ftp://example.com/' }, 'url'],
    ['a user name in it', { url: 'https://me:pass@example.com/' }, 'url'],
    ['no such event', { url: 'https://example.com/', types: ['case.exploded'] }, 'types.0'],
    ['no event', { url: 'https://example.com/', types: [] }, 'types'],
    ['a condition that is none', { url: 'https://example.com/', filter: { field: 'x' } }, 'filter'],
  ])('with %s are refused', async (_, fields, path) => {
    const answer = await service.admin.put(at('wrong'), { types: ['case.created'], ...fields });
    expect(answer).toMatchObject({ status: 400, body: { code: 'VALIDATION_FAILED' } });
    expect(answer.body.errors[0].path).toBe(path);
  });

  it('are for admins only', async () => {
    for (const client of [service.anna, service.supervisor, service.integration]) {
      expect((await client.get('/v1/settings/webhook-subscriptions')).status).toBe(403);
      expect((await client.get(at('good', '/deliveries'))).status).toBe(403);
    }
    const nothing = [
      at('nobody', '/deliveries'),
      at('nobody'),
      at('good', `/deliveries/${'0'.repeat(8)}-0000-4000-8000-000000000000`),
    ];
    for (const path of nothing) expect((await service.admin.get(path)).status).toBe(404);
  });

  it('know every event of the contract', () => {
    const inContract =
      'case.created, case.updated, case.routed, case.assigned, case.picked, case.released, case.resolved, case.cancelled, case.reactivated, case.merged, case.unmerged, case.converted, case.parentChanged, case.cascadeCompleted, activity.added, sla.started, sla.paused, sla.resumed, sla.warning, sla.breached, sla.succeeded, sla.cancelled, entitlement.exhausted, webhook.disabled';
    expect(EventType.options).toEqual(expect.arrayContaining(inContract.split(', ')));
  });
});

it('a receiver that hangs does not keep the service from stopping, nor others from their events', async () => {
  const [hanging, good] = [await receiver(() => {}), await receiver()];
  await subscribe('hanging', { url: hanging.url });
  await subscribe('prompt', { url: good.url });
  await service.opened();
  for (let n = 0; good.received.length === 0 && n < 100; n += 1) await sleep(50);
  expect(good.received).toHaveLength(1);
});

describe('what one request leads to', () => {
  it('is found in every log by the id of the request: functions, stream, timer, events and webhooks', async () => {
    const { url, received } = await receiver();
    await subscribe('traced', { url, types: ['case.created', 'sla.breached'] });
    const allDay = [{ from: '00:00', to: '24:00' }];
    const weekly = Object.fromEntries(['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'].map((day) => [day, allDay]));
    await service.admin.put('/v1/settings/calendars/always', { timeZone: 'Europe/London', weekly });
    const items = [{ id: 'resolve', kpi: 'resolve', targetMinutes: 60, warnMinutes: 30, calendarId: 'always' }];
    await service.admin.put('/v1/settings/slas/hour', { name: 'Hour', items });
    const customerId = await service.customer();
    const body = { customerId, title: 'Traced', origin: 'web', slaId: 'hour' };
    const created = await service.anna.post('/v1/cases', body);
    expect(created.status).toBe(201);
    const requestId = created.headers.get('apigw-requestid') ?? '';
    await service.settled();
    await service.host.advance(service.host.now() + 2 * 60 * 60_000);

    const told = await everyItem(service.anna, `/v1/cases/${created.body.caseId}/audit`);
    const ofRequest = told.filter(({ correlationId }) => correlationId === requestId).map(({ action }) => action);
    expect(ofRequest).toEqual(
      expect.arrayContaining(['case.created', 'case.routed', 'sla.started', 'sla.warning', 'sla.breached']),
    );
    expect(received.map(({ event }) => event.type)).toEqual(['case.created', 'sla.breached']);
    const linesOf = (log: string) =>
      readFileSync(join(service.host.logs, `docket.local.${log}`), 'utf8')
        .split('\n')
        .filter((line) => line.includes(requestId));
    const posted = () =>
      linesOf('webhook-sender.log')
        .map((line) => JSON.parse(line))
        .filter(({ subscriptionId }) => subscriptionId === 'traced');
    await expect.poll(() => posted().map(({ message }) => message)).toEqual(['posted', 'posted']);
    expect(linesOf('cases-api.log').map((line) => JSON.parse(line).message)).toEqual(['request', 'answer']);
    expect(linesOf('reactions.log').map((line) => JSON.parse(line).reaction)).toEqual(
      expect.arrayContaining(['route', 'arm', 'actions']),
    );
    expect(linesOf('ring.log').map((line) => JSON.parse(line).message)).toEqual(['alarm', 'rung', 'alarm', 'rung']);
    expect(linesOf('relay.log').length).toBeGreaterThan(0);
    expect(linesOf('events.jsonl').map((line) => JSON.parse(line)['detail-type'])).toEqual(
      expect.arrayContaining(['case.created', 'sla.breached']),
    );
  });
});
