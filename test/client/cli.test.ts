import { afterEach, describe, expect, it, vi } from 'vitest';
import { run } from '../../client/cli.ts';
import { docketClient } from '../../client/client.ts';
import { withService } from '../support/service.ts';

const service = withService();

/** Runs the command line as an operator would, and answers its exit code and what it said. */
const docket = async (...argv: string[]): Promise<{ code: number; said: string }> => {
  const said: string[] = [];
  const hear = (text: unknown) => void said.push(String(text));
  vi.spyOn(console, 'log').mockImplementation(hear);
  vi.spyOn(console, 'error').mockImplementation(hear);
  const token = await service.host.token({ sub: 'root', roles: ['admin'] });
  const code = await run(['--url', service.host.url, '--token', token, ...argv]);
  return { code, said: said.join('\n') };
};
afterEach(() => {
  vi.restoreAllMocks();
});

describe('the command line', () => {
  it('sets a fresh service up once, and leaves alone what has been edited since', async () => {
    const first = await docket('seed', '--time-zone', 'Europe/Berlin');
    expect(first.code).toBe(0);
    expect(first.said.split('\n').every((line) => line.startsWith('made  '))).toBe(true);
    const edited = { timeZone: 'Europe/Berlin', weekly: { mon: [{ from: '08:00', to: '12:00' }] } };
    await service.admin.put('/v1/settings/calendars/office-hours', edited);
    const second = await docket('seed');
    expect(second.said.split('\n').every((line) => line.startsWith('there  '))).toBe(true);
    expect((await service.anna.get('/v1/settings/calendars/office-hours')).body.weekly).toEqual(edited.weekly);
    const { body } = await service.anna.get(`/v1/cases/${(await service.opened({ priority: 'urgent' })).caseId}/sla`);
    expect(
      body.kpis.map(({ kpi, targetMinutes }: { kpi: string; targetMinutes: number }) => [kpi, targetMinutes]),
    ).toEqual([
      ['firstResponse', 60],
      ['resolve', 480],
    ]);
  });

  it('lists cases over pages, and shows one', async () => {
    const customerId = await service.customer();
    const opened = [];
    for (let n = 0; n < 3; n += 1) opened.push(await service.opened({ customerId, title: `Paper jam ${n}` }));
    const { code, said } = await docket('--json', 'cases', 'list', '--customer', customerId, '--limit', '2');
    expect(code).toBe(0);
    expect(said.split('\n').map((line) => JSON.parse(line).title)).toEqual(['Paper jam 2', 'Paper jam 1']);
    expect((await docket('cases', 'list', '--customer', customerId)).said).toMatch(/^caseNumber +title/);
    expect((await docket('cases', 'show', opened[0].caseId)).said).toContain('title: Paper jam 0');
  });

  it('lists what is at risk, and reviews the queues', async () => {
    await docket('seed');
    const { caseNumber } = await service.opened({ priority: 'urgent', title: 'Nobody looks' });
    await service.settled();
    await service.clockTo('2026-03-02T09:50:00.000Z');
    expect((await docket('sla', 'at-risk')).said).toContain(caseNumber);
    expect((await docket('queues', 'review')).said).toContain('default');
  });

  it('says why it was refused, and fails', async () => {
    const answer = await docket('cases', 'show', '019c0000-0000-7000-8000-000000000000');
    expect(answer.code).toBe(1);
    expect(answer.said).toContain('NOT_FOUND');
    expect(await run(['--url', 'http://127.0.0.1:1', '--token', 'x', 'cases', 'list'])).toBe(1);
  });
});

describe('the client', () => {
  it('sends a request again when the service is busy, by the same key, so that nothing is done twice', async () => {
    const keys: (string | null)[] = [];
    const busyOnce = async (request: Request) => {
      keys.push(request.headers.get('idempotency-key'));
      return keys.length === 1
        ? new Response('{}', { status: 503, headers: { 'retry-after': '1' } })
        : Response.json({ customerId: 'ada' }, { status: 201 });
    };
    const client = docketClient({ url: 'http://docket.test', token: async () => 'renewed', fetch: busyOnce });
    const { response } = await client.POST('/v1/customers', { body: { name: 'Ada', kind: 'contact' } });
    expect(response.status).toBe(201);
    expect(keys).toEqual([expect.stringMatching(/^[0-9a-f-]{36}$/), keys[0]]);
  });
});
