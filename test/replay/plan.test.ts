import { describe, expect, it } from 'vitest';
import { acknowledged, type Command, type Known, leftOut, planOpening, planUpdate, stepsOf, unopened } from './plan.ts';
import { parseRows, type Row, spread } from './rows.ts';
import { setUpFor } from './set-up.ts';

const row = (fields: Partial<Row> = {}): Row => ({
  line: 2,
  number: 'INC1',
  state: 'New',
  change: 0,
  madeSla: true,
  caller: 'Caller 7',
  openedAt: '2016-03-01T09:00:00.000Z',
  at: '2016-03-01T09:05:00.000Z',
  updatedBy: 'Updated by 1',
  contactType: 'Phone',
  location: 'Location 1',
  category: 'Category 5',
  subcategory: 'Subcategory 9',
  symptom: 'Symptom 3',
  impact: '2 - Medium',
  priority: '3 - Moderate',
  group: 'Group 70',
  assignee: undefined,
  problem: undefined,
  closedCode: 'code 6',
  resolver: 'Resolved by 4',
  ...fields,
});
const known: Known = {
  ...unopened,
  caseId: 'c',
  subjectId: 'category-5-subcategory-9',
  queueId: 'group-70',
  ownerId: 'resolver-1',
};
const update = (before: Partial<Known>, fields: Partial<Row>) =>
  planUpdate({ ...known, ...before }, row({ assignee: 'Resolver 1', ...fields }), { isFirst: false });
const parts = (commands: Command[]) => commands.map(({ part }) => part);

describe('an incident of the log', () => {
  it('is opened by the agent who takes the call, and by a machine when it comes in otherwise', () => {
    expect(planOpening(row())).toMatchObject([
      {
        part: 'open',
        by: 'agent',
        body: {
          externalId: 'INC1',
          customerId: 'caller-7',
          origin: 'phone',
          priority: 'normal',
          severity: 'medium',
          subjectId: 'category-5-subcategory-9',
        },
      },
    ]);
    expect(planOpening(row({ contactType: 'Email' }))).toMatchObject([
      { by: 'integration', body: { origin: 'email' } },
    ]);
    expect(planOpening(row({ contactType: 'Direct opening' }))).toMatchObject([
      { by: 'integration', body: { origin: 'directOpening' } },
    ]);
  });

  it('asks for nothing with its first row when that says what the opening said', () => {
    expect(planUpdate({ ...known, ownerId: undefined }, row(), { isFirst: true })).toEqual([]);
  });

  it('has a work note for a row that changes nothing the product knows of', () => {
    expect(update({}, { line: 9, change: 4 })).toMatchObject([
      { part: 'note', body: { type: 'note', body: 'Updated by 1 worked on it. (row 9: change 4 of INC1)' } },
    ]);
  });

  it('is edited, routed and assigned as the row says, each by one command', () => {
    expect(
      update({}, { priority: '1 - Critical', category: 'Category 6', group: 'Group 3', assignee: 'Resolver 2' }),
    ).toEqual([
      { part: 'edit', body: { priority: 'urgent', subjectId: 'category-6-subcategory-9' } },
      { part: 'route', queueId: 'group-3' },
      { part: 'assign', ownerId: 'resolver-2' },
    ]);
  });

  it('asks the user before it waits for them, and is merely held while it waits for anything else', () => {
    expect(parts(update({}, { state: 'Awaiting User Info' }))).toEqual(['ask', 'reason']);
    expect(update({}, { state: 'Awaiting Vendor' })).toEqual([{ part: 'reason', statusReason: 'onHold' }]);
    expect(update({ statusReason: 'onHold' }, { state: 'Awaiting Problem' })).toMatchObject([{ part: 'note' }]);
    expect(update({ statusReason: 'onHold' }, { state: 'Active' })).toEqual([
      { part: 'reason', statusReason: 'inProgress' },
    ]);
  });

  it('is resolved with a reason by its code, and is the resolver’s by then if it was nobody’s', () => {
    expect(update({ ownerId: undefined }, { state: 'Resolved', assignee: undefined })).toEqual([
      { part: 'assign', ownerId: 'resolved-by-4' },
      { part: 'resolve', body: { resolutionType: 'problemSolved', resolution: 'Closed with code 6; Resolved by 4.' } },
    ]);
    expect(update({}, { state: 'Resolved', closedCode: 'code 7' })).toMatchObject([
      { body: { resolutionType: 'informationProvided' } },
    ]);
    expect(parts(update({ status: 'resolved', statusReason: 'problemSolved' }, { state: 'Resolved' }))).toEqual([
      'note',
    ]);
  });

  it('is reactivated first when a resolved one is worked on again', () => {
    const resolved = { status: 'resolved', statusReason: 'problemSolved' } as const;
    expect(parts(update(resolved, { state: 'Active' }))).toEqual(['reactivate']);
    expect(parts(update(resolved, { state: 'Awaiting User Info', group: 'Group 2' }))).toEqual([
      'reactivate',
      'route',
      'ask',
      'reason',
    ]);
  });

  it('joins its problem, changes it, and leaves it', () => {
    expect(update({}, { problem: 'Problem ID  2' })).toEqual([{ part: 'attach', problem: 'Problem ID  2' }]);
    expect(parts(update({ problem: 'Problem ID  2' }, { problem: 'Problem ID  3' }))).toEqual(['detach', 'attach']);
    expect(parts(update({ problem: 'Problem ID  2' }, {}))).toEqual(['detach']);
  });

  it('asks for the same row twice only when the first time was not acknowledged', () => {
    const asked = row({ assignee: 'Resolver 2', state: 'Awaiting Problem', priority: '2 - High', group: 'Group 3' });
    const commands = planUpdate(known, asked, { isFirst: true });
    expect(parts(commands)).toEqual(['edit', 'route', 'assign', 'reason']);
    const after = commands.reduce(acknowledged, known);
    expect(planUpdate(after, asked, { isFirst: true })).toEqual([]);
  });

  it('keeps count of what the API cannot take away', () => {
    const before = row({ assignee: 'Resolver 1' });
    expect(leftOut(before, row({ group: undefined }))).toEqual(['owner taken away', 'group taken away']);
    expect(leftOut(undefined, row())).toEqual([]);
  });
});

describe('a log', () => {
  it('is sent in order of time, each incident opened before its first row and never closed', () => {
    const steps = stepsOf([
      row({ line: 2, at: '2016-03-01T12:00:00.000Z', change: 1 }),
      row({ line: 3, at: '2016-03-01T09:05:00.000Z' }),
      row({ line: 4, number: 'INC2', openedAt: '2016-03-01T11:30:00.000Z', at: '2016-03-01T11:00:00.000Z' }),
      row({ line: 5, state: 'Closed', at: '2016-03-05T12:00:00.000Z', change: 2 }),
    ]);
    expect(steps.map(({ at, kind, row: { line } }) => `${at.slice(11, 16)} ${kind} ${line}`)).toEqual([
      '09:00 opening 3',
      '09:05 update 3',
      '11:00 opening 4',
      '11:00 update 4',
      '12:00 update 2',
    ]);
  });

  it('is read with its rows’ numbers, and tells the rows that are none', () => {
    const columns =
      'number,incident_state,sys_mod_count,made_sla,caller_id,opened_at,sys_updated_at,sys_updated_by,contact_type,location,category,subcategory,u_symptom,impact,priority,assignment_group,assigned_to,problem_id,closed_code,resolved_by';
    const good =
      'INC1,New,0,TRUE,?,29-02-2016 01:16,29-02-2016 01:23,Updated by 2,Phone,?,?,?,?,2 - Medium,3 - Moderate,?,?,?,code 5,?';
    const { rows, unreadable } = parseRows([columns, good, good.replace('New', '-100'), good].join('\n'));
    expect(rows).toMatchObject([
      { line: 2, at: '2016-02-29T01:23:00.000Z', openedAt: '2016-02-29T01:16:00.000Z', caller: undefined },
      { line: 4 },
    ]);
    expect(unreadable).toMatchObject([{ line: 3, problem: expect.stringContaining('incident_state') }]);
  });

  it('sends a category to the desk that takes up most of it, and all else to the first line', () => {
    const rows = [
      ...['INC1', 'INC2', 'INC3'].map((number) => row({ number })),
      ...['INC4', 'INC5'].map((number) => row({ number, category: 'Category 8', group: 'Group 2' })),
    ];
    const setUp = setUpFor(rows);
    expect(setUp.routedTo(row())).toBe('group-70');
    expect(setUp.routedTo(row({ category: 'Category 8' }))).toBe('group-2');
    const paths = setUp.settings.map(({ path }) => path);
    expect(paths.indexOf('/v1/settings/subjects/category-8')).toBeLessThan(
      paths.indexOf('/v1/settings/subjects/category-8-subcategory-9'),
    );
    expect(setUp.people.map(({ path }) => path).sort()).toEqual([
      '/v1/customers',
      '/v1/customers',
      '/v1/users/resolved-by-4',
    ]);
  });
});

describe('some rows spread over a log', () => {
  const incident = (number: string, ...priorities: Row['priority'][]): Row[] =>
    priorities.map((priority, change) => row({ number, priority, change }));
  const rows = [
    ...incident('A', '3 - Moderate', '3 - Moderate'),
    ...incident('B', '3 - Moderate', '3 - Moderate'),
    ...incident('C', '3 - Moderate', '1 - Critical', '3 - Moderate'),
    ...incident('D', '4 - Low', '4 - Low', '4 - Low', '4 - Low'),
    ...incident('E', '2 - High'),
  ];
  const numbersIn = (limit: number) => [
    ...new Set(spread({ rows, unreadable: [] }, limit).rows.map(({ number }) => number)),
  ];

  it('are of whole incidents of every priority, before there is a second one of any', () => {
    expect(numbersIn(10)).toEqual(['A', 'C', 'D', 'E']);
    expect(numbersIn(12)).toEqual(['A', 'B', 'C', 'D', 'E']);
  });

  it('are never more than asked for', () => {
    expect(numbersIn(6)).toEqual(['A', 'C', 'E']);
    expect(spread({ rows, unreadable: [] }, 6).rows).toHaveLength(6);
  });
});
