import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { exportToFile } from '../../infra/local/export-file.ts';
import { remoteAt } from '../../infra/local/remote.ts';
import { withService } from '../support/service.ts';

const service = withService();

const everythingAbout = async (customerId: string) => {
  const folder = mkdtempSync(join(tmpdir(), 'docket-customer-'));
  const remote = await remoteAt(service.host.url, undefined, { sub: 'root', roles: ['admin'] });
  const out = join(folder, 'all.jsonl');
  const rows = await exportToFile(remote, { first: `/v1/customers/${customerId}/export`, out });
  const lines = readFileSync(out, 'utf8').split('\n').filter(Boolean);
  rmSync(folder, { recursive: true });
  expect(lines.length).toBe(rows);
  return lines.map((line) => JSON.parse(line));
};

describe('everything about one customer', () => {
  it('goes into one file, over as many pages as it takes, and nothing of anybody else', async () => {
    const account = await service.customer({ kind: 'account', name: 'Navy' });
    const grace = await service.customer({ name: 'Grace', parentId: account, email: 'grace@example.com' });
    const { body: terms } = await service.supervisor.post(`/v1/customers/${grace}/entitlements`, {
      name: 'Gold',
      allotment: 'cases',
      total: 10,
      startsOn: '2026-01-01',
      endsOn: '2026-12-31',
      decrementOn: 'onCreate',
    });
    const own = await service.opened({ customerId: grace, description: 'From the bridge', labels: ['vip'] });
    const asContact = await service.opened({ customerId: account, contactId: grace });
    const ofOthers = await service.opened({ customerId: account });
    const path = `/v1/cases/${own.caseId}`;
    const notes = Array.from({ length: 110 }, (_, n) => `Note ${n}`);
    await Promise.all(notes.map((body) => service.anna.post(`${path}/activities`, { type: 'note', body })));
    const { body: lead } = await service.anna.post(`${path}/convert`, { to: 'lead' });
    await service.anna.post(`${path}/resolve`, { resolutionType: 'problemSolved', resolution: 'Turned on' });
    await service.settled();

    const lines = await everythingAbout(grace);
    const of = (record: string) => lines.filter((line) => line.record === record);
    expect(of('customer')).toMatchObject([{ customerId: grace, name: 'Grace', email: 'grace@example.com' }]);
    expect(of('entitlement')).toMatchObject([{ entitlementId: terms.entitlementId }]);
    expect(of('movement')).toMatchObject([{ kind: 'granted', amount: 10 }]);
    expect(
      of('case')
        .map(({ caseId }) => caseId)
        .sort(),
    ).toEqual([own.caseId, asContact.caseId].sort());
    expect(
      of('activity')
        .map(({ body }) => body)
        .sort(),
    ).toEqual(notes.sort());
    expect(of('resolution')).toMatchObject([{ resolution: 'Turned on' }]);
    expect(of('event').map(({ fact }) => fact.type)).toContain('case.resolved');
    expect(of('lead')).toMatchObject([{ leadId: lead.id, customerId: grace }]);
    expect(JSON.stringify(lines)).not.toMatch(/GSI\d|CASE#/);
    expect(JSON.stringify(lines)).not.toContain(ofOthers.caseId);

    const ofAccount = await everythingAbout(account);
    expect(ofAccount.filter(({ record }) => record === 'contact')).toMatchObject([{ customerId: grace }]);
    expect((await service.supervisor.get(`/v1/customers/${grace}/export`)).body.code).toBe('FORBIDDEN');
    expect((await service.admin.get('/v1/customers/nobody/export')).body.code).toBe('NOT_FOUND');
  });
});
