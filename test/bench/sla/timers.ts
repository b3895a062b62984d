import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, paginateScan } from '@aws-sdk/lib-dynamodb';
import { z } from 'zod';
import { Instant, MINUTE, toMs } from '../../../domain/time.ts';
import { type Host, startHost } from '../../../infra/local/host.ts';
import { REGION } from '../../../infra/local/template.ts';
import { type Client, clientOf } from '../../support/api-client.ts';
import { inParallel } from '../in-parallel.ts';

const START = Date.parse('2026-03-02T09:00:00.000Z');
/** Long enough for all to be opened before the first is due; the clock stands still meanwhile. */
const TARGET_MINUTES = 600;
/** The real service clock starts this long before the first timer is due. */
const AHEAD_MS = 45_000;
const GOAL_P99_MS = 5_000;

/**
 * Opens cases whose timers are all due in the same minute, on a clock that stands still; then lets the clock run in real
 * time over that minute, and prints how late each breach was recorded. Answers whether the goal is met.
 */
export const benchTimers = async (assembly: string, count: number): Promise<boolean> => {
  console.log(`\n${count} timers due in the same minute, on the local service in real time`);
  const data = mkdtempSync(join(tmpdir(), 'docket-bench-'));
  try {
    await arm(assembly, data, count);
    return await fire(assembly, data, count);
  } finally {
    rmSync(data, { recursive: true, force: true });
  }
};

const arm = async (assembly: string, data: string, count: number): Promise<void> => {
  const host = await startHost({ port: 0, data, speed: 0, clock: START, assembly });
  try {
    const admin = clientOf(host.url, await host.token({ sub: 'root', roles: ['admin'] }));
    const item = { id: 'all', kpi: 'resolve', targetMinutes: TARGET_MINUTES };
    await admin.put('/v1/settings/slas/hours', { name: 'Hours', isDefault: true, items: [item] });
    await admin.post('/v1/customers', { id: 'ada', name: 'Ada Lovelace', kind: 'contact' });
    const started = performance.now();
    for (let second = 0; second < 60; second += 1) {
      const share = Math.floor((count * (second + 1)) / 60) - Math.floor((count * second) / 60);
      await inParallel(share, 16, () => open(admin));
      await host.advance(START + (second + 1) * 1000);
    }
    const seconds = (performance.now() - started) / 1000;
    console.log(`  ${count} cases opened, routed and armed in ${seconds.toFixed(0)} s`);
    await host.advance(START + TARGET_MINUTES * MINUTE - AHEAD_MS);
  } finally {
    await host.stop();
  }
};

const open = async (admin: Client): Promise<void> => {
  const { status, body } = await admin.post('/v1/cases', { title: 'Due', customerId: 'ada', origin: 'web' });
  if (status !== 201) throw new Error(`${status} ${JSON.stringify(body)}`);
};

const fire = async (assembly: string, data: string, count: number): Promise<boolean> => {
  const host = await startHost({ port: 0, data, speed: 1, assembly });
  try {
    const last = START + TARGET_MINUTES * MINUTE + 60_000;
    const first = START + TARGET_MINUTES * MINUTE;
    if (host.now() > first) throw new Error('The service took too long to start: the first timers were due already.');
    while (host.now() < last + 5_000) await sleep(1_000);
    for (let waited = 0; waited < 300 && (await breachesIn(host)).length < count; waited += 5) await sleep(5_000);
    return report(await breachesIn(host), count);
  } finally {
    await host.stop();
  }
};

interface Breach {
  caseId: string;
  lateMs: number;
}

const BreachEvent = z.object({ caseId: z.string(), at: Instant, fact: z.object({ dueAt: Instant }) });

const breachesIn = async ({ database }: Host): Promise<Breach[]> => {
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  const client = DynamoDBDocumentClient.from(
    new DynamoDBClient({ endpoint: database.url, region: REGION, credentials }),
  );
  const breaches: Breach[] = [];
  const query = {
    TableName: database.tables[0],
    FilterExpression: 'entity = :event AND #fact.#type = :breached',
    ExpressionAttributeNames: { '#fact': 'fact', '#type': 'type' },
    ExpressionAttributeValues: { ':event': 'event', ':breached': 'sla.breached' },
  };
  for await (const { Items = [] } of paginateScan({ client }, query)) {
    for (const { caseId, at, fact } of z.array(BreachEvent).parse(Items))
      breaches.push({ caseId, lateMs: toMs(at) - toMs(fact.dueAt) });
  }
  client.destroy();
  return breaches;
};

const report = (breaches: readonly Breach[], count: number): boolean => {
  const late = breaches.map(({ lateMs }) => lateMs).sort((a, b) => a - b);
  const at = (share: number): number => late[Math.min(late.length - 1, Math.floor(late.length * share))] ?? Number.NaN;
  const lost = count - new Set(breaches.map(({ caseId }) => caseId)).size;
  const doubled = breaches.length - (count - lost);
  const seconds = (ms: number): string => `${(ms / 1000).toFixed(2)} s`;
  console.log(`  recorded ${breaches.length}, lost ${lost}, doubled ${doubled}`);
  console.log(
    `  late: p50 ${seconds(at(0.5))}, p90 ${seconds(at(0.9))}, p99 ${seconds(at(0.99))}, at most ${seconds(at(1))}`,
  );
  return lost === 0 && doubled === 0 && at(0.99) < GOAL_P99_MS;
};
