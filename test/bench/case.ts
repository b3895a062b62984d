/**
 * Counts what the life of a case spends in the whole local service: requests, calls of functions, capacity units, state
 * transitions, events, bytes; and what a minute spends in which nothing happens. `--write` puts it where the cost is
 * reckoned from. Run by `npm run bench:case`.
 */
import { globSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import type { Spent } from '../../infra/cost/cost.ts';
import { close, listen } from '../../infra/local/aws-endpoint.ts';
import { startHost } from '../../infra/local/host.ts';
import { clientOf } from '../support/api-client.ts';
import { executionsOf } from '../support/executions.ts';
import { openLocalTable } from '../support/open-local-table.ts';
import { everyStoredItem } from '../support/stored-items.ts';
import { synthesisedApp } from '../support/synthesise.ts';

const MONDAY = '2026-03-02T09:00:00.000Z';
const CASES = 10;
const MINUTES = 10;

const { values } = parseArgs({ options: { write: { type: 'boolean', default: false } } });
const spent = { requests: 0, invocations: 0, gbSeconds: 0, writeUnits: 0, readUnits: 0 };

const Consumed = z.object({ CapacityUnits: z.number() });
const Answer = z.looseObject({ ConsumedCapacity: z.union([Consumed, z.array(Consumed)]).optional() });
const COUNTED = /^DynamoDB_20120810\.(\w*(Item|Items)|Query)$/;

/** Stands between the service and its database, and has every call tell what it consumed. */
const countingProxy = async (database: string) => {
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const target = String(request.headers['x-amz-target']);
    const body = JSON.parse(Buffer.concat(chunks).toString() || '{}');
    if (COUNTED.test(target)) body.ReturnConsumedCapacity = 'TOTAL';
    const { host: _, 'content-length': __, connection: ___, 'transfer-encoding': ____, ...headers } = request.headers;
    const answer = await fetch(database, {
      method: 'POST',
      headers: headers as Record<string, string>,
      body: JSON.stringify(body),
    });
    const text = await answer.text();
    const { ConsumedCapacity: consumed = [] } = answer.ok ? Answer.parse(JSON.parse(text || '{}')) : {};
    const units = [consumed].flat().reduce((sum, { CapacityUnits }) => sum + CapacityUnits, 0);
    if (/Write|Put|Update|Delete/.test(target)) spent.writeUnits += units;
    else spent.readUnits += units;
    const type = answer.headers.get('content-type') ?? 'application/x-amz-json-1.0';
    response.writeHead(answer.status, { 'content-type': type, 'x-dynoxide-version': '1' }).end(text);
  });
  const port = await listen(server, 0);
  return { url: `http://127.0.0.1:${port}`, stop: () => close(server) };
};

const { assembly, remove } = synthesisedApp();
const { local, stop } = await openLocalTable(assembly, MONDAY);
const { protocol, hostname, port } = (await local.client.config.endpoint?.()) ?? {};
const proxy = await countingProxy(`${protocol}//${hostname}:${port}`);
process.env.DYNAMODB_ENDPOINT = proxy.url;
const folder = mkdtempSync(join(tmpdir(), 'docket-bench-'));
const memory = 1;
const host = await startHost({
  port: 0,
  data: folder,
  speed: 0,
  clock: Date.parse(MONDAY),
  assembly,
  onMeasured: (namespace, name, _, value) => {
    if (namespace !== 'AWS/Lambda') return;
    if (name === 'Invocations') spent.invocations += value;
    if (name === 'Duration') spent.gbSeconds += (value / 1000) * memory;
  },
});

const logFiles = () => globSync(join(host.logs, 'docket.*'));
const bytesOfLogs = () => logFiles().reduce((sum, file) => sum + statSync(file).size, 0);
const eventsTold = () =>
  logFiles()
    .filter((file) => file.endsWith('events.jsonl'))
    .reduce((sum, file) => sum + readFileSync(file, 'utf8').split('\n').length - 1, 0);

/** What `work` spends, divided by how often it does the same. */
const measured = async (times: number, transitions: () => Promise<number>, work: () => Promise<void>) => {
  const kept = async () => (await everyStoredItem(host)).reduce((sum, item) => sum + item.length, 0);
  const before = { ...spent, logBytes: bytesOfLogs(), events: eventsTold(), keptBytes: await kept() };
  await work();
  const after = { ...spent, logBytes: bytesOfLogs(), events: eventsTold(), keptBytes: await kept() };
  const each = (count: number) => Number((count / times).toPrecision(4));
  const difference = Object.entries(after).map(([name, count]) => [
    name,
    each(count - before[name as keyof typeof before]),
  ]);
  return { ...Object.fromEntries(difference), transitions: each(await transitions()) } as Spent;
};

const client = clientOf(host.url, await host.token({ sub: 'root', roles: ['admin'] }));
const ask = async (method: 'get' | 'post' | 'put' | 'patch', path: string, body?: object) => {
  spent.requests += 1;
  const answer = await client[method](path, body);
  if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
  await host.settled();
  return answer.body;
};
const item = (kpi: string, targetMinutes: number) => ({ id: kpi, kpi, targetMinutes, warnMinutes: targetMinutes / 2 });
await ask('put', '/v1/settings/slas/standard', {
  name: 'Standard',
  isDefault: true,
  items: [item('firstResponse', 60), item('resolve', 480)],
});
await ask('post', '/v1/customers', { id: 'ada', name: 'Ada Lovelace', kind: 'contact' });

const cases: string[] = [];
const live = async () => {
  const { caseId } = await ask('post', '/v1/cases', { title: 'No network', customerId: 'ada', origin: 'web' });
  const at = `/v1/cases/${caseId}`;
  cases.push(caseId);
  await ask('get', '/v1/queues/default/items');
  await ask('get', at);
  await ask('get', `${at}/timeline`);
  await ask('post', `/v1/queues/default/items/${caseId}/pick`, {});
  await ask('post', `${at}/activities`, { type: 'email', direction: 'outbound', body: 'We look into it' });
  await ask('patch', at, { statusReason: 'waitingForDetails' });
  await ask('post', `${at}/activities`, { type: 'note', body: 'Called' });
  await ask('patch', at, { statusReason: 'inProgress' });
  await ask('post', `${at}/resolve`, { resolutionType: 'problemSolved', resolution: 'Done' });
};
await live();
cases.length = 0;

const executions = executionsOf(host);
const transitions = async () => {
  let sum = 0;
  for (const caseId of cases) for (const arn of await executions.all(caseId)) sum += await executions.transitions(arn);
  return sum;
};
const life = await measured(CASES, transitions, async () => {
  for (let n = 0; n < CASES; n += 1) await live();
});
const idleMinute = await measured(
  MINUTES,
  async () => 0,
  async () => {
    for (let n = 0; n < MINUTES; n += 1) await host.advance(host.now() + 60_000);
  },
);
const counts = { idleMinute, case: life };
console.log(JSON.stringify(counts, undefined, 2));
if (values.write) writeFileSync('infra/cost/counts.json', `${JSON.stringify(counts, undefined, 2)}\n`);

await host.stop();
await proxy.stop();
await stop();
remove();
rmSync(folder, { recursive: true, force: true });
