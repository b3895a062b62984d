import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { exportToFile } from '../../infra/local/export-file.ts';
import { type ImportOptions, importFile } from '../../infra/local/import-file.ts';
import { type Remote, remoteAt } from '../../infra/local/remote.ts';
import { everyItem } from '../support/api-client.ts';
import { type Service, withService } from '../support/service.ts';

const here = withService();
const there = withService();
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'docket-files-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let files = 0;
const written = (content: string | object[], ending = 'jsonl'): string => {
  files += 1;
  const file = join(folder, `${files}.${ending}`);
  writeFileSync(file, typeof content === 'string' ? content : content.map((row) => JSON.stringify(row)).join('\n'));
  return file;
};

const remote = ({ host }: Service): Promise<Remote> => remoteAt(host.url, undefined, { sub: 'root', roles: ['admin'] });

const importInto = async (service: Service, file: string, options: Partial<ImportOptions> = {}, by?: Remote) =>
  importFile(by ?? (await remote(service)), {
    kind: 'cases',
    file,
    format: file.endsWith('csv') ? 'csv' : 'jsonl',
    dryRun: false,
    report: `${file}.refused.jsonl`,
    map: {},
    set: {},
    batch: 10,
    ...options,
  });

const refusedIn = (file: string) =>
  readFileSync(`${file}.refused.jsonl`, 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line));

const exported = async (service: Service, query: string, by?: Remote): Promise<string> => {
  files += 1;
  const out = join(folder, `${files}.out`);
  await exportToFile(by ?? (await remote(service)), { first: `/v1/exports/cases?limit=7&${query}`, out });
  return readFileSync(out, 'utf8');
};
const exportedRows = async (service: Service, query = ''): Promise<Record<string, unknown>[]> =>
  (await exported(service, query))
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line));

/** What another service cannot have: it numbers cases itself, and knows when it changed them. */
const ITS_OWN = ['caseId', 'caseNumber', 'referenceKey', 'modifiedOn', 'createdBy', 'version'];
const told = (rows: Record<string, unknown>[]) =>
  rows
    .map((row) => Object.fromEntries(Object.entries(row).filter(([column]) => !ITS_OWN.includes(column))))
    .sort((a, b) => (String(a.externalId) < String(b.externalId) ? -1 : 1));

/** A remote that breaks off at some call, before or after the service has done what it asks. */
const breakingOff = (by: Remote, at: number, after: boolean): Remote => {
  let calls = 0;
  return {
    async send(path, init) {
      calls += 1;
      if (calls === at && !after) throw new Error('killed');
      const response = await by.send(path, init);
      if (calls === at) throw new Error('killed');
      return response;
    },
  };
};

const day = (n: number): string => new Date(Date.parse('2025-01-01') + n * 3_600_000).toISOString();
/** What spreadsheets and CSV readers stumble over. */
const text = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        '=1+2',
        '+44 1',
        '-',
        '@SUM',
        "'",
        "'=",
        '"',
        ',',
        ';',
        '\r',
        '\n',
        '\r\n',
        '\t',
        '[1]',
        ' ',
        '＝',
      ),
      fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 }),
    ),
    { minLength: 1, maxLength: 6 },
  )
  .map((parts) => parts.join(''));
const word = text.map((some) => `x${some}`.trim()).filter((some) => some.length < 60);

const someCase = fc
  .record(
    {
      title: word,
      origin: fc.constantFrom('email', 'phone', 'web'),
      createdOn: fc.nat(5_000).map(day),
      priority: fc.constantFrom('low', 'urgent'),
      severity: fc.constantFrom('low', 'critical'),
      caseType: fc.constantFrom('question', 'request'),
      product: word,
      description: text,
      labels: fc.array(word, { maxLength: 3 }),
      participants: fc.array(word, { maxLength: 2 }),
    },
    { requiredKeys: ['title', 'origin', 'createdOn'] },
  )
  .chain((row) =>
    fc.oneof(
      fc.constant({ ...row, status: 'active' }),
      fc.constant({ ...row, status: 'active', statusReason: 'onHold', queueId: 'default' }),
      fc.record({ resolution: word, billableMinutes: fc.nat(500) }).map((closing) => ({
        ...row,
        ...closing,
        status: 'resolved',
        statusReason: 'problemSolved',
        resolvedOn: day(6_000),
        resolvedBy: 'who-left-long-ago',
        ownerId: 'who-left-long-ago',
      })),
      fc.constant({ ...row, status: 'cancelled', cancelledOn: day(6_000) }),
    ),
  );

describe('what one service exports', () => {
  it('another one imports, and exports the same rows, whatever stands in them', async () => {
    for (const service of [here, there]) await service.customer({ id: 'ada' });
    await fc.assert(
      fc.asyncProperty(fc.array(someCase, { minLength: 25, maxLength: 25 }), async (cases) => {
        const run = `run-${files}-`;
        const rows = cases.map((row, n) => ({ ...row, externalId: `${run}${n}`, customerId: 'ada' }));
        const children = rows.slice(0, 3).map((row, n) => ({
          ...row,
          externalId: `${run}child-${n}`,
          parentExternalId: `${run}${n + 3}`,
        }));
        const file = written([...children, ...rows]);
        expect(await importInto(here, file)).toEqual({ created: 28 });
        const first = (await exportedRows(here)).filter(({ externalId }) => String(externalId).startsWith(run));
        expect(first.length).toBe(28);
        const csv = written(await exported(here, 'format=csv'), 'csv');
        await importInto(there, csv, { map: { parentId: '' } });
        const second = (await exportedRows(there)).filter(({ externalId }) => String(externalId).startsWith(run));
        const withoutIds = (all: Record<string, unknown>[]) => told(all).map(({ parentId: _id, ...row }) => row);
        expect(withoutIds(second)).toEqual(withoutIds(first));
      }),
      { numRuns: process.env.NIGHTLY ? 40 : 1 },
    );
  });
});

describe('an import', () => {
  const rows = (n: number, prefix = '') =>
    Array.from({ length: n }, (_, k) => ({
      customerId: 'ada',
      title: `Row ${k}`,
      origin: 'web',
      ...(prefix && { externalId: `${prefix}${k}` }),
    }));

  it.each([
    ['before the service was asked', false],
    ['after the service had done it', true],
  ])('that is killed %s goes on, and doubles and loses nothing', async (_, after) => {
    await there.customer({ id: `killed-${after}` });
    const file = written(rows(24).map((row) => ({ ...row, customerId: `killed-${after}` })));
    const by = await remote(there);
    await expect(importInto(there, file, {}, breakingOff(by, 2, after))).rejects.toThrow('killed');
    expect(await importInto(there, file)).toEqual({ created: 24 });
    const listed = await everyItem(there.anna, `/v1/cases?customerId=killed-${after}`);
    expect(listed.map(({ title }) => title).sort()).toEqual(
      rows(24)
        .map(({ title }) => title)
        .sort(),
    );
    // Without what it had noted, too: the service knows every row by itself.
    expect(await importInto(there, file)).toEqual({ created: 24 });
    expect((await everyItem(there.anna, `/v1/cases?customerId=killed-${after}`)).length).toBe(24);
  });

  it('skips cases that are known by their external ids, however they came', async () => {
    await here.customer({ id: 'known' });
    await here.opened({ customerId: 'known', externalId: 'erp-0' });
    const file = written(rows(3, 'erp-').map((row) => ({ ...row, customerId: 'known' })));
    expect(await importInto(here, file)).toEqual({ skipped: 1, created: 2 });
    const again = written(rows(4, 'erp-').map((row) => ({ ...row, customerId: 'known', title: 'Other' })));
    expect(await importInto(here, again)).toEqual({ skipped: 3, created: 1 });
  });

  it('tells in a dry run what it would refuse, with row and code, and writes nothing', async () => {
    const customerId = await here.customer();
    const row = { customerId, title: 'x', origin: 'web' };
    const file = written([
      { ...row, title: '' },
      { ...row, nonsense: 1 },
      { ...row, customerId: 'nobody' },
      { ...row, status: 'resolved', statusReason: 'problemSolved', createdOn: day(1), resolvedOn: day(2) },
      { ...row, status: 'cancelled', createdOn: day(3), cancelledOn: day(2) },
      { ...row, statusReason: 'problemSolved' },
      { ...row, createdOn: '2999-01-01T00:00:00.000Z' },
      { ...row, parentExternalId: 'nobody-calls-it-so' },
      row,
    ]);
    expect(await importInto(here, file, { dryRun: true })).toEqual({ refused: 8, valid: 1 });
    expect(refusedIn(file).map(({ row: n, code, errors }) => [n, code, errors[0].path])).toEqual([
      [1, 'VALIDATION_FAILED', 'title'],
      [2, 'VALIDATION_FAILED', ''],
      [3, 'VALIDATION_FAILED', 'customerId'],
      [4, 'VALIDATION_FAILED', 'resolution'],
      [5, 'VALIDATION_FAILED', 'cancelledOn'],
      [6, 'VALIDATION_FAILED', 'statusReason'],
      [7, 'VALIDATION_FAILED', 'createdOn'],
      [8, 'VALIDATION_FAILED', 'parentExternalId'],
    ]);
    expect(await everyItem(here.anna, `/v1/cases?customerId=${customerId}`)).toEqual([]);
  });

  it('brings history without clocks, without routing and dated as it was', async () => {
    await here.admin.put('/v1/settings/slas/all', {
      name: 'All',
      isDefault: true,
      items: [{ id: 'r', kpi: 'resolve', targetMinutes: 60 }],
    });
    const customerId = await here.customer();
    const file = written(
      'Customer,Subject,Opened,State,Why,Done,Text,Note\r\n' +
        `${customerId},"Old, closed",2024-05-01T10:00:00Z,resolved,problemSolved,2024-05-02T10:00:00+02:00,Restarted,x\r\n` +
        `${customerId},Old and open,2024-05-03T10:00:00Z,,,,,too,many\r\n` +
        `${customerId},Old and open,2024-05-03T10:00:00Z,,,,,\r\n`,
      'csv',
    );
    const map = {
      Customer: 'customerId',
      Subject: 'title',
      Opened: 'createdOn',
      State: 'status',
      Why: 'statusReason',
      Done: 'resolvedOn',
      Text: 'resolution',
      Note: '',
    };
    expect(await importInto(here, file, { map, set: { origin: 'email' } })).toEqual({ created: 2, refused: 1 });
    expect(refusedIn(file)).toMatchObject([{ row: 2, code: 'VALIDATION_FAILED' }]);
    await here.settled();
    const [open, closed] = await everyItem(here.admin, `/v1/cases?customerId=${customerId}`);
    expect(closed).toMatchObject({
      title: 'Old, closed',
      status: 'resolved',
      createdOn: '2024-05-01T10:00:00.000Z',
      resolvedOn: '2024-05-02T08:00:00.000Z',
      resolution: { resolution: 'Restarted', sla: [] },
      sla: {},
    });
    expect(open).toMatchObject({ status: 'active', origin: 'email', sla: {} });
    expect(open).not.toHaveProperty('queueId');
    const audit = await everyItem(here.admin, `/v1/cases/${closed.caseId}/audit`);
    expect(audit.map(({ action, occurredAt }) => [action, occurredAt])).toEqual([
      ['case.created', '2024-05-01T10:00:00.000Z'],
      ['case.resolved', '2024-05-02T08:00:00.000Z'],
    ]);
    expect(audit[0].cause).toMatch(/^import:/);
    expect((await here.admin.get(`/v1/cases/${closed.caseId}/resolutions`)).body.items.length).toBe(1);
  });

  it('of customers takes accounts before their contacts, and changes known ones only when told to', async () => {
    const people = [
      { id: 'grace', kind: 'contact', name: 'Grace', parentId: 'navy', email: 'grace@example.com' },
      { id: 'navy', kind: 'account', name: 'Navy', createdOn: day(1) },
    ];
    const kind = 'customers' as const;
    expect(await importInto(here, written(people), { kind })).toEqual({ created: 2 });
    const changed = written(people.map((row) => ({ ...row, tier: 'gold' })));
    expect(await importInto(here, changed, { kind })).toEqual({ skipped: 2 });
    expect(await importInto(here, changed, { kind, onExisting: 'update' })).toEqual({ updated: 2 });
    const { body } = await here.anna.get('/v1/customers/grace');
    expect(body).toMatchObject({ tier: 'gold', email: 'grace@example.com', version: 2 });
    expect((await here.anna.get('/v1/customers/navy')).body.createdOn).toBe(day(1));
  });

  it('is for admins', async () => {
    const body = { importId: 'somebody-else', firstRow: 1, rows: [{}] };
    for (const path of ['/v1/imports/cases', '/v1/imports/customers']) {
      expect((await here.supervisor.post(path, body)).body.code).toBe('FORBIDDEN');
    }
  });
});

describe('an export', () => {
  it('that is killed goes on to the same file', async () => {
    const by = await remote(here);
    const out = join(folder, 'killed.csv');
    const first = '/v1/exports/cases?format=csv&limit=11';
    for (const after of [false, true]) {
      await expect(exportToFile(breakingOff(by, 2, after), { first, out })).rejects.toThrow('killed');
      writeFileSync(out, 'half a page that was not certain', { flag: 'a' });
    }
    await exportToFile(by, { first, out });
    expect(readFileSync(out, 'utf8')).toBe(await exported(here, 'format=csv'));
  });

  it('has each case of each status once, and only those that the filters ask for', async () => {
    const customerId = await here.customer();
    const [open, urgent, done] = [
      await here.opened({ customerId }),
      await here.opened({ customerId, priority: 'urgent' }),
      await here.opened({ customerId }),
    ];
    await here.anna.post(`/v1/cases/${done.caseId}/cancel`, {});
    const idsOf = async (query: string) =>
      (await exportedRows(here, query)).filter((row) => row.customerId === customerId).map(({ caseId }) => caseId);
    expect((await idsOf('')).sort()).toEqual([open.caseId, urgent.caseId, done.caseId].sort());
    expect((await idsOf(`customerId=${customerId}`)).sort()).toEqual([open.caseId, urgent.caseId, done.caseId].sort());
    expect((await idsOf('status=cancelled&priority=normal')).sort()).toEqual([done.caseId]);
    expect(await idsOf(`customerId=${customerId}&priority=urgent`)).toEqual([urgent.caseId]);
    await here.anna.post(`/v1/cases/${open.caseId}/assign`, { ownerId: 'ben' });
    expect(await idsOf('ownerId=ben')).toEqual([open.caseId]);
  });

  it('keeps spreadsheets from taking texts for formulas', async () => {
    const customerId = await here.customer();
    await here.opened({ customerId, title: '=HYPERLINK("http://x")', description: '@SUM(A1)' });
    const csv = await exported(here, `format=csv&customerId=${customerId}`);
    expect(csv).toContain(`"'=HYPERLINK(""http://x"")"`);
    expect(csv).toContain(`"'@SUM(A1)"`);
  });

  it('is for supervisors', async () => {
    expect((await here.anna.get('/v1/exports/cases')).body.code).toBe('FORBIDDEN');
  });
});
