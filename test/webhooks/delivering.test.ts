import { Webhook } from 'standardwebhooks';
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import type { CaseEvent } from '../../domain/facts/fact.ts';
import { MINUTE, toInstant, toMs } from '../../domain/time.ts';
import { RETRY_GAPS_MS } from '../../domain/webhooks/judge-attempt.ts';
import { sweep } from '../../functions/sweeper/sweep.ts';
import { type Desk, deskOn } from '../support/desk.ts';
import { withLocalTable } from '../support/local-table.ts';
import { PATIENCE_MS, type PostOffice, postOfficeOn } from '../support/post-office.ts';
import { always, type Received, receivers } from '../support/receiver.ts';

const HOUR = 60 * MINUTE;
const local = withLocalTable();
const receiver = receivers();
let desk: Desk;
let office: PostOffice;

beforeAll(() => {
  desk = deskOn(local.services);
  office = postOfficeOn(local);
});
afterEach(async () => {
  await office.closeAll();
  office.announced.splice(0);
  office.woken.splice(0);
  vi.useRealTimers();
  // What one test has left on its way is none of the next one's.
  pass(HOUR);
});

const pass = (ms: number) => {
  local.clock.now = toInstant(toMs(local.clock.now) + ms);
};
/** Opens a case and tells subscribers; so many times, as far as they can see. */
const open = async (n = 1, fields: Parameters<Desk['open']>[0] = {}): Promise<CaseEvent[]> => {
  const [created] = await desk.events((await desk.open(fields)).case.caseId, 'case.created');
  const again = (): CaseEvent => ({ ...created!, eventId: local.services.ids.at(local.clock.now) });
  const events = [created!, ...Array.from({ length: n - 1 }, again)];
  await office.relay(events);
  return events;
};
/** As a receiver verifies, at the time at which it was sent. */
const verify = ({ headers, body }: Received, secret: string): unknown => {
  vi.useFakeTimers({ toFake: ['Date'], now: toMs(local.clock.now) });
  return new Webhook(secret).verify(body, headers as Record<string, string>);
};

// First, as long as the sweeper finds nothing else to do.
describe('deliveries that are due', () => {
  it('survive a sender that dies: the sweeper finds them when its turn has run out', async () => {
    const { url, received } = await receiver();
    await office.subscribe('erp', { url });
    await open();
    const dying = { ...office.all.deliveries, replace: () => expect.fail('dies') };
    await expect(office.send('erp', { deliveries: dying })).rejects.toThrow('dies');
    const woken: string[] = [];
    const swept = () => sweep({ ...desk.all, wake: async (ids) => void woken.push(...ids) }, () => {});
    await swept();
    expect(woken).toEqual([]);
    expect(await office.send('erp')).toBeUndefined();
    pass(4 * MINUTE);
    await swept();
    expect(woken).toEqual(['erp']);
    expect(await office.send('erp')).toMatchObject({ succeeded: 1 });
    // What it had sent without a note of it is sent again, under the same id.
    const [first, again] = received.map(({ headers }) => headers['webhook-id']);
    expect(again).toBe(first);
    expect(received).toHaveLength(2);
  });

  it('that nobody looks at although they are due are told of', async () => {
    const { url } = await receiver();
    await office.subscribe('erp', { url });
    await open();
    const late = async () => (await sweep(desk.all, () => {})).lateDeliveries;
    pass(9 * MINUTE);
    expect(await late()).toBe(0);
    pass(2 * MINUTE);
    await open();
    expect(await late()).toBe(1);
  });
});

describe('a subscriber', () => {
  it('is sent what it has asked for, signed by the standard, once', async () => {
    const { url, received } = await receiver();
    const { secret } = await office.subscribe('erp', { url });
    const [created] = await open(1, { title: 'Smoke', priority: 'high', queueId: 'default', description: 'Long' });
    expect(office.woken).toContain('erp');
    expect(await office.send('erp')).toMatchObject({ succeeded: 1, failed: 0 });
    expect(received).toHaveLength(1);
    expect(verify(received[0]!, secret)).toMatchObject({
      id: created!.eventId,
      type: 'case.created',
      timestamp: created!.at,
      data: {
        caseId: created!.caseId,
        actor: 'sue',
        case: { caseId: created!.caseId, title: 'Smoke', priority: 'high', queueId: 'default', version: 1 },
      },
    });
    expect(received[0]!.event.data.case).not.toHaveProperty('description');
    expect(received[0]!.event.data.case).not.toHaveProperty('referenceKey');
    expect(received[0]!.headers).toMatchObject({
      'webhook-id': created!.eventId,
      'webhook-timestamp': String(Math.floor(toMs(local.clock.now) / 1000)),
      'content-type': 'application/json',
    });
    expect(await office.send('erp')).toMatchObject({ succeeded: 0 });
    expect(received).toHaveLength(1);
    expect(await office.story('erp')).toEqual(['case.created succeeded 200']);
  });

  it('is sent an event once that the stream brings twice', async () => {
    const { url, received } = await receiver();
    await office.subscribe('erp', { url });
    const events = await open(3);
    await office.send('erp');
    await Promise.all([office.relay(events), office.relay(events)]);
    await office.send('erp');
    expect(received).toHaveLength(3);
  });

  it('hears of the types and of the cases that it has named, by the case and its customer', async () => {
    const { url, received } = await receiver();
    const filter = {
      all: [
        { field: 'priority', op: 'eq', value: 'urgent' },
        { field: 'customer.name', op: 'eq', value: 'Ada Lovelace' },
        { field: 'queueId', op: 'eq', value: 'default' },
      ],
    } as const;
    await office.subscribe('erp', {
      url,
      types: ['case.created', 'case.assigned'],
      filter: { ...filter, all: [...filter.all] },
    });
    await open(1, { priority: 'low', queueId: 'default' });
    const [urgent] = await open(1, { priority: 'urgent', queueId: 'default' });
    await office.relay(await desk.events(urgent!.caseId, 'sla.started', 'case.updated'));
    await office.send('erp');
    expect(received.map(({ event }) => event.data.caseId)).toEqual([urgent!.caseId]);
  });

  it('hears nothing of cases in private queues, unless an admin says so', async () => {
    await desk.queue('hr', { name: 'HR', visibility: 'private', members: ['sue'] });
    const [plain, trusted] = [await receiver(), await receiver()];
    await office.subscribe('plain', { url: plain.url, types: ['case.created', 'case.routed'] });
    await office.subscribe('trusted', {
      url: trusted.url,
      types: ['case.created', 'case.routed'],
      includePrivateQueues: true,
    });
    const [hidden] = await open(1, { queueId: 'hr' });
    const [shown] = await open(1, { queueId: 'default' });
    // What happened while it was hidden stays hidden when the case has moved on.
    await desk.route(hidden!.caseId, 'default');
    await office.relay(await desk.events(hidden!.caseId, 'case.created'));
    for (const id of ['plain', 'trusted']) await office.send(id);
    expect(plain.received.map(({ event }) => event.data.caseId)).toEqual([shown!.caseId]);
    expect(trusted.received.map(({ event }) => event.data.caseId).sort()).toEqual(
      [hidden!.caseId, shown!.caseId].sort(),
    );
  });

  it('that an alarm calls is sent the alarm’s event, whatever it has subscribed to', async () => {
    const { url, received } = await receiver();
    await office.subscribe('pager', { url, types: ['case.merged'] });
    const { caseId } = (await desk.open()).case;
    const [alarm] = await desk.events(caseId, 'case.created');
    const about = { kpi: 'resolve', generation: 1, epoch: 1, alarm: 'breach' as const };
    const called: CaseEvent = {
      ...alarm!,
      eventId: local.services.ids.at(local.clock.now),
      fact: {
        type: 'sla.webhookCalled',
        occurredAt: local.clock.now,
        ...about,
        subscriptionId: 'pager',
        alarmEventId: alarm!.eventId,
      },
    };
    await office.relay([called]);
    await office.send('pager');
    expect(received.map(({ event }) => event)).toMatchObject([{ id: alarm!.eventId, type: 'case.created' }]);
  });

  it('of a new secret gets both signatures until the old one has run out; after a leak only the new one', async () => {
    const { url, received } = await receiver();
    const { secret: first } = await office.subscribe('erp', { url });
    const { secret: second } = await office.rotate('erp');
    await open();
    await office.send('erp');
    expect(received[0]!.headers['webhook-signature']?.toString().split(' ')).toHaveLength(2);
    for (const secret of [first, second]) expect(() => verify(received[0]!, secret)).not.toThrow();
    vi.useRealTimers();
    const { secret: third, secrets } = await office.rotate('erp', 0);
    expect(secrets).toHaveLength(1);
    await open();
    await office.send('erp');
    expect(() => verify(received[1]!, third)).not.toThrow();
    for (const secret of [first, second]) expect(() => verify(received[1]!, secret)).toThrow('No matching signature');
    expect((await office.read('erp')).secret).toBeUndefined();
  });

  it('that is removed and comes again by the same name gets nothing of what was meant for the old one', async () => {
    const [old, anew] = [await receiver(), await receiver()];
    await office.subscribe('erp', { url: old.url });
    await open();
    await office.unsubscribe('erp');
    pass(MINUTE);
    await office.subscribe('erp', { url: anew.url });
    await office.send('erp');
    const [created] = await open();
    await office.send('erp');
    expect(old.received).toEqual([]);
    expect(anew.received.map(({ event }) => event.id)).toEqual([created!.eventId]);
  });
});

describe('a receiver that', () => {
  it.each<[string, Parameters<typeof receiver>[0], string]>([
    ['answers with a fault', always(500), 'pending 500'],
    ['does not know the way', always(404), 'pending 404'],
    ['redirects', always(302, { location: 'http://127.0.0.1:9/' }), 'pending 302'],
    ['hangs', () => {}, 'pending timedOut'],
    ['breaks the connection', (response) => void response.destroy(), 'pending connectionBroken'],
    [
      'answers slowly, but in time',
      (response) => void setTimeout(() => response.end(), PATIENCE_MS / 2),
      'succeeded 200',
    ],
    ['answers with a flood', (response) => void response.end('x'.repeat(10_000_000)), 'succeeded 200'],
    ['answers with nothing', always(204), 'succeeded 204'],
  ])('%s: the log says so', async (_, answer, outcome) => {
    const { url, received } = await receiver(answer);
    await office.subscribe('erp', { url });
    await open();
    await office.send('erp');
    expect(await office.story('erp')).toEqual([`case.created ${outcome}`]);
    expect(received).toHaveLength(1);
    const [delivery] = await office.log('erp');
    expect(delivery!.attempts[0]!.answer?.length ?? 0).toBeLessThanOrEqual(64);
    expect(delivery!.attempts[0]!.durationMs).toBeLessThan(3 * PATIENCE_MS);
    expect((await office.read('erp')).health.status).toBe(outcome.startsWith('succeeded') ? 'working' : 'failing');
  });

  it('is gone is disabled at once, and those who want to know are told', async () => {
    const [gone, ops] = [await receiver(always(410)), await receiver()];
    await office.subscribe('erp', { url: gone.url });
    await office.subscribe('ops', { url: ops.url, types: ['webhook.disabled'] });
    await open(3);
    expect(await office.send('erp')).toMatchObject({ disabled: 1 });
    await office.send('ops');
    const told = { type: 'webhook.disabled', data: { subscriptionId: 'erp', because: 'gone' } };
    expect(office.announced).toMatchObject([told]);
    expect(ops.received.map(({ event }) => event)).toMatchObject([told]);
    expect(ops.received[0]!.event.id).toBe(office.announced[0]!.id);
    expect(await office.read('erp')).toMatchObject({ enabled: false, health: { status: 'disabled', because: 'gone' } });

    // Nothing more is sent, nor put on its way; what was on its way waits for an admin.
    const before = gone.received.length;
    await open();
    pass(HOUR);
    await office.send('erp');
    expect(gone.received).toHaveLength(before);
    expect(await office.log('erp')).toHaveLength(3);
    const fixed = await receiver();
    await office.subscribe('erp', { url: fixed.url });
    await office.send('erp');
    expect(fixed.received).toHaveLength(3);
    expect((await office.read('erp')).health.status).toBe('working');
  });

  it('fails for three days is tried ten times, ever more rarely, under one id, and then disabled', async () => {
    const { url, received } = await receiver(always(500));
    await office.subscribe('erp', { url });
    const [created] = await open();
    const at: number[] = [];
    for (let n = 0; n < 20; n += 1) {
      const turn = await office.send('erp', { isNews: n === 0 });
      if (turn?.failed) at.push(toMs(local.clock.now));
      const state = await local.services.deliveries.state('erp');
      if (!state?.lookAt) break;
      local.clock.now = toInstant(Math.max(toMs(state.lookAt), toMs(local.clock.now) + 1));
    }
    expect(received).toHaveLength(10);
    expect(new Set(received.map(({ headers }) => headers['webhook-id']))).toEqual(new Set([created!.eventId]));
    expect(new Set(received.map(({ body }) => body)).size).toBe(1);
    const gaps = at.slice(1).map((one, n) => one - at[n]!);
    for (const [n, gap] of gaps.entries()) {
      expect(gap).toBeGreaterThanOrEqual(RETRY_GAPS_MS[n]!);
      expect(gap).toBeLessThanOrEqual(RETRY_GAPS_MS[n]! * 1.1);
    }
    expect((at.at(-1)! - at[0]!) / HOUR).toBeGreaterThan(72);
    expect(await office.story('erp')).toEqual([`case.created failed ${Array(10).fill(500).join(', ')}`]);
    expect(await office.read('erp')).toMatchObject({ enabled: false, health: { because: 'failing' } });
    expect(office.announced).toMatchObject([{ data: { subscriptionId: 'erp', because: 'failing' } }]);
  });

  it('fails once is tried again after five seconds by the same sender, and after that by the sweeper', async () => {
    const { url, received } = await receiver((response, _, n) => response.writeHead(n === 2 ? 200 : 500).end());
    await office.subscribe('erp', { url });
    await open();
    const started = toMs(local.clock.now);
    expect(await office.sendAndRetry('erp')).toMatchObject([{ failed: 1 }, { succeeded: 1 }]);
    expect(toMs(local.clock.now) - started).toBeGreaterThanOrEqual(5_000);
    expect(toMs(local.clock.now) - started).toBeLessThan(6_000);
    expect(new Set(received.map(({ headers }) => headers['webhook-id'])).size).toBe(1);
    await open();
    expect(await office.sendAndRetry('erp')).toMatchObject([{ failed: 1 }, { failed: 1 }]);
    expect(received).toHaveLength(4);
  });

  it('fails while the clock stands still is not waited for, and neither is one that wants to be left in peace', async () => {
    const [failing, overloaded] = [await receiver(always(500)), await receiver(always(503))];
    await office.subscribe('failing', { url: failing.url });
    await office.subscribe('overloaded', { url: overloaded.url });
    await open();
    const waited: number[] = [];
    const pause = async (ms: number) => void waited.push(ms);
    expect(await office.sendAndRetry('failing', { pause })).toMatchObject([{ failed: 1 }]);
    expect(waited).toEqual([250]);
    expect(await office.sendAndRetry('overloaded', { pause })).toMatchObject([{ failed: 1 }]);
    expect(waited).toEqual([250]);
  });

  it('recovers gets all that it has missed, the first as a trial', async () => {
    let isUp = false;
    const { url, received } = await receiver((response) => response.writeHead(isUp ? 200 : 503).end());
    await office.subscribe('erp', { url });
    await open(20);
    await office.send('erp');
    const tried = received.length;
    expect(tried).toBeLessThanOrEqual(16);
    // While it is left in peace nobody calls; then one delivery tries.
    expect(await office.send('erp')).toBeUndefined();
    pass(2 * MINUTE);
    await office.send('erp');
    expect(received).toHaveLength(tried + 1);
    isUp = true;
    pass(HOUR);
    expect(await office.send('erp')).toMatchObject({ succeeded: 20 });
    expect((await office.story('erp')).every((line) => line.includes('succeeded'))).toBe(true);
  });

  it('asks for patience is given it', async () => {
    const { url, received } = await receiver((response, _, n) =>
      response.writeHead(n === 1 ? 429 : 200, { 'retry-after': '1200' }).end(),
    );
    await office.subscribe('erp', { url });
    await open();
    await office.send('erp');
    pass(19 * MINUTE);
    expect(await office.send('erp')).toBeUndefined();
    pass(MINUTE);
    expect(await office.send('erp')).toMatchObject({ succeeded: 1 });
    expect(received).toHaveLength(2);
  });

  it('hangs holds up no other, and is not waited for a hundred times', async () => {
    const [hanging, good] = [await receiver(() => {}), await receiver()];
    await office.subscribe('hanging', { url: hanging.url });
    await office.subscribe('good', { url: good.url });
    await open(40);
    const started = performance.now();
    let goodTook = 0;
    await Promise.all([
      office.send('hanging'),
      office.send('good').then(() => {
        goodTook = performance.now() - started;
      }),
    ]);
    expect(good.received).toHaveLength(40);
    expect(hanging.received.length).toBeLessThanOrEqual(16);
    expect(performance.now() - started).toBeLessThan(Math.max(goodTook, 0) + 4 * PATIENCE_MS);
  });
});

describe('deliveries', () => {
  it('are sent once each, however many senders are woken at once', async () => {
    const { url, received } = await receiver((response) => void setTimeout(() => response.end(), 20));
    await office.subscribe('erp', { url });
    await open(30);
    await Promise.all(Array.from({ length: 5 }, () => office.send('erp')));
    expect(received).toHaveLength(30);
    expect(new Set(received.map(({ headers }) => headers['webhook-id'])).size).toBe(30);
  });

  it('that are added during a turn are seen by it, although whoever added them found the turn taken', async () => {
    let added: Promise<unknown> | undefined;
    const { url, received } = await receiver(async (response, _, n) => {
      if (n === 1) {
        added = open().then(() => office.send('erp'));
        await added;
      }
      response.end();
    });
    await office.subscribe('erp', { url });
    await open();
    await office.send('erp');
    await added;
    expect(received).toHaveLength(2);
  });

  it('survive a relay that dies between any two of its steps, because the stream brings the event again', async () => {
    const { url, received } = await receiver();
    await office.subscribe('erp', { url });
    const events = await desk.events((await desk.open()).case.caseId, 'case.created');
    const dies = async () => expect.fail('dies');
    for (const broken of [
      { ...office.all, deliveries: { ...office.all.deliveries, touch: dies } },
      { ...office.all, wake: dies },
    ]) {
      const { enqueueDeliveries } = await import('../../functions/webhooks/enqueue-deliveries.ts');
      expect(await enqueueDeliveries(broken, events)).toHaveLength(1);
    }
    await office.relay(events);
    await office.send('erp');
    expect(received).toHaveLength(1);
  });

  it('of a case go in order where that is asked for, and other cases go on', async () => {
    let isUp = false;
    const order: string[] = [];
    const { url } = await receiver((response, { event }) => {
      const takes = isUp || event.data.case.title !== 'Stuck';
      if (takes) order.push(`${event.data.case.title} ${event.type}`);
      response.writeHead(takes ? 200 : 500).end();
    });
    const types = ['case.created', 'case.updated', 'case.resolved'] as const;
    await office.subscribe('erp', { url, types: [...types], orderingKey: 'case' });
    const told = async (title: string) => {
      const { caseId } = (await desk.open({ title })).case;
      await desk.patch(caseId, { priority: 'high' });
      await desk.resolve(caseId);
      return desk.events(caseId, ...types);
    };
    const [stuck, fine] = [await told('Stuck'), await told('Fine')];
    // The stream may bring them in any order.
    await office.relay([stuck[2]!, fine[1]!, stuck[0]!, fine[2]!, stuck[1]!, fine[0]!]);
    await office.send('erp');
    expect(order).toEqual(['Fine case.created', 'Fine case.updated', 'Fine case.resolved']);
    isUp = true;
    pass(6 * MINUTE);
    await office.send('erp');
    expect(order.slice(3)).toEqual(['Stuck case.created', 'Stuck case.updated', 'Stuck case.resolved']);
    expect((await office.log('erp')).filter(({ attempts }) => attempts.length > 1)).toHaveLength(1);
  });
});

it('a subscription’s secret is nowhere but where its sender reads it', async () => {
  const { url } = await receiver(always(500));
  const { secret } = await office.subscribe('erp', { url });
  await open();
  await office.send('erp');
  const { ScanCommand } = await import('@aws-sdk/lib-dynamodb');
  const { Items = [] } = await local.client.send(new ScanCommand({ TableName: local.name }));
  const holders = Items.filter((item) => JSON.stringify(item).includes(secret)).map(({ PK }) => PK);
  expect(holders).toEqual(['SECRET#webhook#erp']);
});
