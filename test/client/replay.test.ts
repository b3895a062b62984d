import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { run } from '../../client/cli.ts';
import { everyItem } from '../support/api-client.ts';
import { type BrokenCase, brokenCase, unreadable } from '../support/broken-cases.ts';
import { withService } from '../support/service.ts';

const service = withService();

/** Runs `docket replay dlq` as an operator would, and answers its exit code and its rows. */
const replay = async (...argv: string[]) => {
  const said: string[] = [];
  vi.spyOn(console, 'log').mockImplementation((text: unknown) => void said.push(String(text)));
  vi.spyOn(console, 'error').mockImplementation(() => {});
  const token = await service.host.token({ sub: 'root', roles: ['admin'] });
  const code = await run(['--url', service.host.url, '--token', token, '--json', 'replay', 'dlq', ...argv]);
  return { code, rows: said.filter((line) => line.startsWith('{')).map((line) => JSON.parse(line)) };
};
afterEach(() => {
  vi.restoreAllMocks();
});

const routings = async (caseId: string): Promise<number> =>
  (await everyItem(service.anna, `/v1/cases/${caseId}/audit`)).filter(({ action }) => action === 'case.routed').length;

describe('records that the consumers of the stream gave up', () => {
  let failed: BrokenCase;

  beforeAll(async () => {
    // The case cannot be read: whoever is told of it waits for it, eleven times.
    failed = await brokenCase(service, () => undefined);
    await failed.tell();
    await service.settled();
  }, 60_000);

  it('are listed with the reason and the age, and left alone by a dry run', async () => {
    const waiting = { what: 'givenUp', age: '0 min', outcome: 'waits', reason: 'RetryAttemptsExhausted' };
    const { rows } = await replay('--dry-run');
    expect(rows).toMatchObject([
      { ...waiting, of: 'reactions' },
      { ...waiting, of: 'relay' },
    ]);
    expect((await replay('--dry-run', '--what', 'givenUp')).rows).toEqual(rows);
    expect((await replay('--dry-run', '--what', 'parked')).rows).toEqual([]);
  });

  it('stay where they are while the cause is there', async () => {
    const { code, rows } = await replay();
    expect(code).toBe(1);
    expect(rows.map(({ outcome, reason }) => `${outcome} ${reason}`)).toEqual([
      'failedAgain reactions: 1 of 1 records',
      'failedAgain relay: 1 of 1 records',
    ]);
  });

  it('are done when the cause is gone: once, although two ask for it, and then they are gone', async () => {
    await failed.mend();
    for (const { code, rows } of await Promise.all([replay(), replay()])) {
      expect(code).toBe(0);
      for (const { outcome } of rows) expect(outcome).toBe('done');
    }
    await service.settled();
    expect(await routings(failed.caseId)).toBe(1);
    expect(await replay()).toEqual({ code: 0, rows: [] });
    expect(await routings(failed.caseId)).toBe(1);
    const found = await service.anna.get(`/v1/cases?queueId=default`);
    expect(found.body.items.map(({ caseId }: { caseId: string }) => caseId)).toContain(failed.caseId);
  });
});

describe('a parked reaction', () => {
  let failed: BrokenCase;

  beforeAll(async () => {
    failed = await brokenCase(service, unreadable);
    await failed.tell();
    await service.settled();
  }, 60_000);

  it('is tried at once when an operator asks, and parked again while the cause is there', async () => {
    const [row] = (await replay('--dry-run', '--what', 'parked')).rows;
    expect(row).toMatchObject({ what: 'parked', of: 'route', outcome: 'waits', reason: 'ZodError' });
    const again = await replay('--what', 'parked');
    expect(again).toMatchObject({ code: 1, rows: [{ of: 'route', outcome: 'failedAgain', reason: 'ZodError' }] });
    await failed.mend();
    expect(await replay('--what', 'parked')).toMatchObject({ code: 0, rows: [{ outcome: 'done' }] });
    expect(await replay('--what', 'parked')).toEqual({ code: 0, rows: [] });
    expect(await routings(failed.caseId)).toBe(1);
  });
});

describe('a failure', () => {
  it('is known to administrators only, and by no made-up name', async () => {
    expect((await service.supervisor.get('/v1/failures')).status).toBe(403);
    const elsewhere = Buffer.from(JSON.stringify({ what: 'givenUp', key: 'attachments/1' })).toString('base64url');
    for (const id of ['nonsense', elsewhere]) {
      expect((await service.admin.post(`/v1/failures/${id}/redrive`)).body).toMatchObject({ code: 'NOT_FOUND' });
    }
  });
});
