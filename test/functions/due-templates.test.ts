import { beforeAll, describe, expect, it } from 'vitest';
import { CaseTemplate } from '../../domain/templates/case-template.ts';
import { putCaseTemplate } from '../../functions/templates/case-templates.ts';
import { runDueTemplate } from '../../functions/templates/run-due-template.ts';
import { type Desk, deskOn } from '../support/desk.ts';
import { withLocalTable } from '../support/local-table.ts';
import { MONDAY } from '../support/service.ts';

const local = withLocalTable();
let desk: Desk;

beforeAll(async () => {
  desk = deskOn(local.services);
  await desk.open();
});

const put = async (id: string, fields: object) => {
  local.clock.now = MONDAY;
  const body = CaseTemplate.parse({
    name: id,
    case: { title: `Check ${id}`, customerId: 'ada', origin: 'api' },
    schedule: { everyDays: 1, at: '10:00', timeZone: 'Europe/London' },
    ...fields,
  });
  return putCaseTemplate(local.services, {
    params: { id },
    query: {},
    body,
    caller: { userId: 'sue', roles: ['agent', 'supervisor'] },
    correlationId: 'test',
  });
};
const titled = async (title: string) => {
  const { items } = await local.table.page({ index: 1, partition: 'CUSTOMER#ada', limit: 100 });
  const files = await Promise.all(items.map(({ PK }) => local.services.cases.load(String(PK).slice('CASE#'.length))));
  return files.filter((file) => file?.case.title === title);
};

describe('a template', () => {
  it('opens one case for each due instant, however many sweepers come and however late', async () => {
    await put('daily', {});
    const runs = async () => {
      await Promise.all([1, 2, 3, 4].map(() => runDueTemplate(local.services, 'daily')));
    };
    await runs();
    expect(await titled('Check daily')).toEqual([]);
    local.clock.now = '2026-03-04T12:00:00.000Z';
    for (let n = 0; n < 5; n += 1) await runs();
    const cases = await titled('Check daily');
    expect(cases).toHaveLength(3);
    expect(await local.services.templates.runs('daily')).toMatchObject({
      nextAt: '2026-03-05T10:00:00.000Z',
      last: { dueAt: '2026-03-04T10:00:00.000Z', at: local.clock.now },
    });
    const [created] = await desk.events(cases[0]!.case.caseId, 'case.created');
    expect(created).toMatchObject({ actor: 'system', cause: 'template:daily' });
    expect(cases[0]!.activities.firstRespondedOn).toBeUndefined();
  });

  it('opens the case once when the process dies before the schedule has gone on', async () => {
    await put('crash', {});
    local.clock.now = '2026-03-02T10:00:00.000Z';
    const dying = { ...local.services, templates: { ...local.services.templates, moveOn: () => expect.fail('dies') } };
    await expect(runDueTemplate(dying, 'crash')).rejects.toThrow('dies');
    await runDueTemplate(local.services, 'crash');
    expect(await titled('Check crash')).toHaveLength(1);
    expect((await local.services.templates.runs('crash'))?.nextAt).toBe('2026-03-03T10:00:00.000Z');
  });

  it('whose case is refused says so, and goes on', async () => {
    await put('refused', {});
    local.clock.now = '2026-03-02T10:00:00.000Z';
    const nobody = { ...local.services.customers, find: async () => undefined };
    await runDueTemplate({ ...local.services, customers: nobody }, 'refused');
    expect(await local.services.templates.runs('refused')).toMatchObject({
      nextAt: '2026-03-03T10:00:00.000Z',
      last: { refused: { code: 'VALIDATION_FAILED' } },
    });
  });

  it('that is disabled is not due, and goes on with the next time that fits', async () => {
    await put('paused', {});
    await put('paused', { enabled: false });
    local.clock.now = '2026-03-05T00:00:00.000Z';
    await runDueTemplate(local.services, 'paused');
    expect(await titled('Check paused')).toEqual([]);
    expect(await local.services.templates.runs('paused')).not.toHaveProperty('nextAt');
    await put('paused', {});
    expect((await local.services.templates.runs('paused'))?.nextAt).toBe('2026-03-02T10:00:00.000Z');
  });
});
