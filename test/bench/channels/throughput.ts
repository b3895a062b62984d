import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { type Host, startHost } from '../../../infra/local/host.ts';
import { type Client, clientOf } from '../../support/api-client.ts';
import { post } from '../../support/webhook-sender.ts';
import { inParallel } from '../in-parallel.ts';
import { type Kind, kinds, type Signed } from './kinds.ts';

const START = Date.parse('2026-03-02T09:00:00.000Z');
/** Requests under way at once. */
const AT_ONCE = 8;
/** So many conversations go on at the same time. */
const CONVERSATIONS = 50;
const ROUNDS = 5;

/** One request, for the `n`th time; the first ones open what later ones add to. */
interface Work {
  what: string;
  request: (n: number) => Promise<void>;
}

/**
 * Prints how many messages a second the local service takes in, to their answers and until the streams are drained,
 * beside opening cases and recording activities through the API.
 */
export const benchThroughput = async (assembly: string, count: number): Promise<void> => {
  const data = mkdtempSync(join(tmpdir(), 'docket-bench-'));
  const host = await startHost({ port: 0, data, speed: 0, clock: START, assembly });
  try {
    const admin = clientOf(host.url, await host.token({ sub: 'root', roles: ['admin'] }));
    const works = await apiWorks(admin);
    for (const kind of kinds) works.push(...(await channelWorks(host, admin, kind)));
    for (const { request } of works) await inParallel(CONVERSATIONS, AT_ONCE, request);
    await host.settled();

    console.log(`\n${count} times each, ${AT_ONCE} at once, on the local service; a second`);
    console.log(`  ${''.padEnd(32)}${'answered'.padStart(10)}${'drained'.padStart(10)}${'to the API'.padStart(12)}`);
    const spent = works.map(() => ({ answered: 0, drained: 0 }));
    // By turns: what else the machine does meets all of them alike.
    for (let round = 0; round < ROUNDS; round += 1) {
      const share = Math.ceil(count / ROUNDS);
      for (const [w, { request }] of works.entries()) {
        const first = CONVERSATIONS + round * share;
        const { answered, drained } = await secondsFor(host, share, (n) => request(first + n));
        const so = spent[w];
        if (so) Object.assign(so, { answered: so.answered + answered, drained: so.drained + drained });
      }
    }
    const [opening, recording] = spent;
    for (const [w, { what }] of works.entries()) {
      const { answered = 0, drained = 0 } = spent[w] ?? {};
      const api = (what.includes('opens') ? opening : recording)?.drained ?? 0;
      const rates = [count / answered, count / drained].map((rate) => rate.toFixed(0).padStart(10));
      console.log(`  ${what.padEnd(32)}${rates.join('')}${(api / drained).toFixed(2).padStart(12)}`);
    }
  } finally {
    await host.stop();
    rmSync(data, { recursive: true, force: true });
  }
};

/** How long it takes until all are answered, and until the streams are drained. */
const secondsFor = async (host: Host, times: number, request: (n: number) => Promise<void>) => {
  const started = performance.now();
  const seconds = () => (performance.now() - started) / 1000;
  await inParallel(times, AT_ONCE, request);
  const answered = seconds();
  await host.settled();
  return { answered, drained: seconds() };
};

const Opened = z.object({ caseId: z.string() });

const apiWorks = async (admin: Client): Promise<Work[]> => {
  await admin.post('/v1/customers', { id: 'ada', name: 'Ada Lovelace', kind: 'contact', email: 'ada@example.com' });
  const opened: string[] = [];
  return [
    {
      what: 'API: opens a case',
      async request() {
        const answer = await admin.post('/v1/cases', { title: 'Order', customerId: 'ada', origin: 'web' });
        opened.push(Opened.parse(answer.body).caseId);
      },
    },
    {
      what: 'API: records an activity',
      async request(n) {
        const path = `/v1/cases/${opened[n % CONVERSATIONS]}/activities`;
        const { status } = await admin.post(path, { type: 'chat', direction: 'inbound', body: `Text ${n}` });
        if (status !== 201) throw new Error(`${path}: ${status}`);
      },
    },
  ];
};

const Made = z.object({ secret: z.string() });

const channelWorks = async (host: Host, admin: Client, { kind, secrets, message }: Kind): Promise<Work[]> => {
  const channel = { kind, messagesPerMinute: 1_000_000, ...(secrets && { secrets }) };
  const { secret } = Made.parse((await admin.put(`/v1/settings/channels/${kind}`, channel)).body);
  const send = async ({ headers, body }: Signed, outcome: string, status = 202): Promise<void> => {
    const answer = await post(host.url, kind, body, headers);
    if (answer.status !== status || answer.body.outcome !== outcome)
      throw new Error(`${kind}: ${answer.status} ${JSON.stringify(answer.body)}`);
  };
  const begins = (n: number) => message(n, { conversation: n, isFirst: true, secret, now: host.now() });
  const goesOn = (n: number) =>
    message(n + LATER, { conversation: (n % CONVERSATIONS) + 1, isFirst: false, secret, now: host.now() });
  return [
    { what: `${kind}: opens a case`, request: (n) => send(begins(n), 'created') },
    { what: `${kind}: is added to a case`, request: (n) => send(goesOn(n), 'appended') },
    ...(kind === 'webhook'
      ? [{ what: `${kind}: had come before`, request: (n: number) => send(goesOn(n), 'appended', 200) }]
      : []),
  ];
};

/** Messages that add to a conversation are numbered from here on. */
const LATER = 1_000_000;
