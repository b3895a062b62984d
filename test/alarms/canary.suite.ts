import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Host, startHost } from '../../infra/local/host.ts';
import { receivers } from '../support/receiver.ts';
import { MONDAY, type Service, serviceOn } from '../support/service.ts';
import { synthesisedApp } from '../support/synthesise.ts';

/** A stage that asks for the canary; the local one does not, so that tests meet no cases but their own. */
const receiver = receivers();
let host: Host;
let service: Service;
let folder: string;
let app: ReturnType<typeof synthesisedApp>;

beforeAll(async () => {
  app = synthesisedApp({ canary: true });
  folder = mkdtempSync(join(tmpdir(), 'docket-canary-'));
  const clock = Date.parse(MONDAY);
  host = await startHost({ port: 0, data: folder, speed: 0, clock, assembly: app.assembly, coldStarts: true });
  service = await serviceOn(host);
});
afterAll(async () => {
  await host?.stop();
  app.remove();
  rmSync(folder, { recursive: true, force: true });
});

const stateOf = (name: string) => host.alarms().find((alarm) => alarm.name === `docket-local-${name}`)?.state;
const becomes = (state: 'OK' | 'ALARM', ...names: string[]) =>
  expect
    .poll(() => names.map((name) => `${name} ${stateOf(name)}`), { timeout: 10_000 })
    .toEqual(names.map((name) => `${name} ${state}`));
const pass = (minutes: number) => host.advance(host.now() + minutes * 60_000);
const itsCases = async (): Promise<string[]> => {
  const { body } = await service.admin.get('/v1/cases?customerId=docket-canary');
  return body.items.map(({ status, statusReason }: Record<string, string>) => `${status} ${statusReason}`);
};

it('canary-silent: until the first case has got through its life', async () => {
  await becomes('ALARM', 'canary-silent');
  await pass(15);
  await becomes('OK', 'canary-silent', 'canary');
  expect(await itsCases()).toEqual(['resolved problemSolved']);
});

it('its cases are in no report, no search, no webhook and no queue that anybody works from', async () => {
  const { url, received } = await receiver();
  const subscription = { url, types: ['case.created', 'case.resolved'] };
  await service.admin.put('/v1/settings/webhook-subscriptions/all', subscription);
  const { caseId } = await service.opened({ title: 'A customer’s own' });
  await pass(15);
  expect(await itsCases()).toHaveLength(2);
  expect(received.map(({ event }) => event.data.case.caseId)).toEqual([caseId]);
  const period = 'from=2026-03-01&to=2026-03-08&timeZone=Europe/London';
  const { body: report } = await service.supervisor.get(`/v1/reports/received?groupBy=queue&${period}`);
  expect(report.items).toHaveLength(1);
  expect(JSON.stringify(report)).not.toContain('docket-canary');
  const { body: found } = await service.admin.get('/v1/search?q=canary');
  expect(found.items.map(({ kind }: { kind: string }) => kind)).toEqual(['customer']);
  expect((await service.anna.get('/v1/queues/default/items')).body.items).toHaveLength(1);
  expect((await service.anna.get('/v1/cases?customerId=docket-canary')).body.items).toEqual([]);
});

it('canary: a status reason that its case needs is taken away', async () => {
  const path = '/v1/settings/status-reasons/waitingForDetails';
  const { body: reason } = await service.admin.get(path);
  const { label, status, isOnHold } = reason;
  expect((await service.admin.put(path, { label, status, isOnHold, enabled: false })).status).toBe(200);
  await pass(15);
  await becomes('ALARM', 'canary');
  expect((await itsCases())[0]).toMatch(/^cancelled/);
  await service.admin.put(path, { label, status, isOnHold, enabled: true });
  await pass(15);
  await becomes('OK', 'canary');
});

it('cases of the day before are taken away, a few with each run', async () => {
  const before = (await itsCases()).length;
  await pass(25 * 60);
  await pass(15);
  expect((await itsCases()).length).toBeLessThan(before);
  await becomes('OK', 'canary', 'canary-silent');
});
