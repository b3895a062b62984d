import { beforeAll, describe, expect, it } from 'vitest';
import type { z } from 'zod';
import type { AddActivity } from '../../domain/activities/add-activity.ts';
import type { Landing } from '../../functions/reopening/record-inbound.ts';
import { type Desk, deskOn } from '../support/desk.ts';
import { withLocalTable } from '../support/local-table.ts';

const local = withLocalTable();
let desk: Desk;

const OPENED = '2026-03-09T13:00:00.000Z';
const RESOLVED = '2026-03-09T14:00:00.000Z';
const AT_THE_LAST_INSTANT = '2026-03-16T14:00:00.000Z';
const TOO_LATE = '2026-03-16T14:00:01.000Z';

beforeAll(async () => {
  desk = deskOn(local.services);
  await desk.queue('strict', { reopenPolicy: 'reject' });
  await desk.queue('fresh', { reopenPolicy: 'newLinked' });
  await desk.queue('open', { reopenPolicy: 'reopen' });
  await desk.sla('both', {
    name: 'Both',
    isDefault: true,
    items: [{ id: 'resolve', kpi: 'resolve', targetMinutes: 480 }],
  });
});

type Recorded = { caseId: string; activityId: string; landing: Landing };
const at = (now: string) => {
  local.clock.now = now;
};
const resolved = async (queueId = 'default', fields: Parameters<Desk['open']>[0] = {}): Promise<string> => {
  at(OPENED);
  const { caseId } = (await desk.open({ queueId, ...fields })).case;
  at(RESOLVED);
  await desk.resolve(caseId);
  return caseId;
};
const mail = async (caseId: string, body: Partial<z.input<typeof AddActivity>> = {}): Promise<Recorded> =>
  (await desk.record(caseId, { type: 'email', direction: 'inbound', body: 'It is back', ...body })) as Recorded;
const load = async (caseId: string) => (await local.services.cases.load(caseId))!;
const told = async (caseId: string, ...types: Parameters<Desk['events']>[1][]) =>
  (await desk.events(caseId, ...types)).map(({ fact, cause }) => `${fact.type} ${cause}`);

describe('a customer’s message on a closed case', () => {
  it('reopens it up to the last instant, with a clock that goes on and the message as its reason', async () => {
    const caseId = await resolved();
    at(AT_THE_LAST_INSTANT);
    const { landing, ...activity } = await mail(caseId);
    expect(landing).toMatchObject({ outcome: 'reopened', caseId, autoReplyDue: false });
    expect(activity).toMatchObject({ caseId, type: 'email' });
    const file = await load(caseId);
    expect(file.case).toMatchObject({ status: 'active', statusReason: 'inProgress', reopenCount: 1 });
    expect(file.placement).toMatchObject({ state: 'queued', queueId: 'default' });
    expect(file.activities.customerReplied).toBe(true);
    expect(file.kpis.map(({ generation, status }) => `${generation} ${status}`)).toEqual([
      '1 succeeded',
      '2 inProgress',
    ]);
    expect(await told(caseId, 'case.reactivated', 'activity.added')).toEqual([
      'case.reactivated message',
      'activity.added message',
    ]);
  });

  it('opens another case a second later: the same customer and subject, linked from both sides', async () => {
    const caseId = await resolved();
    at(TOO_LATE);
    const { landing, ...activity } = await mail(caseId);
    expect(landing).toMatchObject({ outcome: 'opened', because: 'reopenPolicy', autoReplyDue: true });
    expect(activity.caseId).toBe(landing.caseId);
    const [before, next] = [await load(caseId), await load(landing.caseId)];
    expect(before.case).toMatchObject({ status: 'resolved', reopenCount: 0, followUpId: landing.caseId });
    expect(next.case).toMatchObject({
      status: 'active',
      previousCaseId: caseId,
      customerId: before.case.customerId,
      title: before.case.title,
      origin: 'email',
    });
    expect(next.placement?.state).toBe('awaitingRouting');
    const linksOf = async (id: string) => (await local.services.cases.links(id, { limit: 10 })).items;
    expect(await linksOf(caseId)).toMatchObject([{ otherId: landing.caseId, kind: 'previous', direction: 'incoming' }]);
    expect(await linksOf(landing.caseId)).toMatchObject([{ otherId: caseId, direction: 'outgoing' }]);
    expect(await local.services.cases.activity(landing.caseId, activity.activityId)).toMatchObject({
      body: 'It is back',
    });
  });

  it('is about the case that goes on from it, once there is one', async () => {
    const caseId = await resolved();
    at(TOO_LATE);
    const all = await Promise.all([mail(caseId), mail(caseId), mail(caseId)]);
    const [first] = all;
    expect(new Set(all.map(({ landing }) => landing.caseId)).size).toBe(1);
    expect(all.map(({ landing }) => landing.outcome).sort()).toEqual(['appended', 'appended', 'opened']);
    await desk.resolve(first!.landing.caseId);
    expect((await mail(caseId)).landing).toMatchObject({ outcome: 'reopened', caseId: first!.landing.caseId });
    expect((await load(caseId)).case.status).toBe('resolved');
  });

  it.each([
    ['open', TOO_LATE, 'reopened'],
    ['fresh', RESOLVED, 'opened'],
    ['strict', RESOLVED, 'rejected'],
  ])('does what the queue %s says', async (queueId, now, outcome) => {
    const caseId = await resolved(queueId);
    at(now);
    expect((await mail(caseId)).landing.outcome).toBe(outcome);
  });

  it('that is turned down is kept all the same, and its sender is to be told', async () => {
    const caseId = await resolved('strict');
    const { landing, activityId } = await mail(caseId);
    expect(landing).toMatchObject({ outcome: 'rejected', because: 'reopenPolicy', autoReplyDue: true });
    expect(await local.services.cases.activity(caseId, activityId)).toMatchObject({ body: 'It is back' });
    expect((await desk.events(caseId, 'activity.rejected')).map(({ fact }) => fact)).toMatchObject([
      { activityId, because: 'reopenPolicy', autoReplyDue: true },
    ]);
    expect((await load(caseId)).case.status).toBe('resolved');
  });

  it('that a machine wrote is recorded and no more', async () => {
    const caseId = await resolved();
    const { landing } = await mail(caseId, { isAutomatic: true });
    expect(landing).toMatchObject({ outcome: 'appended', caseId, autoReplyDue: false });
    expect(await load(caseId)).toMatchObject({
      case: { status: 'resolved' },
      activities: { customerReplied: false, accepts: 'notes' },
    });
  });

  it('opens another case where its own may not be reopened under its parent', async () => {
    at(OPENED);
    await desk.settings({ closurePolicy: 'blockUntilChildrenClosed' });
    const { caseId: parentId } = (await desk.open()).case;
    const caseId = await resolved('default', { parentId });
    await desk.resolve(parentId);
    const { landing } = await mail(caseId);
    expect(landing).toMatchObject({ outcome: 'opened', because: 'PARENT_CLOSED' });
    expect((await load(landing.caseId)).case.parentId).toBeUndefined();
    await desk.settings({});
  });

  it('lands on the case that a merge has left of it', async () => {
    at(OPENED);
    const [survivor, merged] = [(await desk.open()).case.caseId, (await desk.open()).case.caseId];
    await desk.merge(survivor, merged);
    at(RESOLVED);
    await desk.resolve(survivor);
    expect(await mail(merged)).toBe('MERGED_ELSEWHERE');
    expect((await mail(survivor)).landing).toMatchObject({ outcome: 'reopened', caseId: survivor });
  });

  it('reopens it once, however many come at once with whatever else', async () => {
    for (let round = 0; round < 4; round += 1) {
      const caseId = await resolved();
      const [one, two] = await Promise.all([mail(caseId), mail(caseId), desk.reactivate(caseId)]);
      expect([one, two].map(({ caseId: landedOn }) => landedOn)).toEqual([caseId, caseId]);
      expect((await load(caseId)).case).toMatchObject({ status: 'active', reopenCount: 1 });
      expect(await desk.events(caseId, 'case.reactivated')).toHaveLength(1);
    }
  });

  it('is refused where it is none: a task, something that goes out, a remark among colleagues', async () => {
    const caseId = await resolved();
    expect(await desk.record(caseId, { type: 'task', body: 'Call back' })).toBe('CASE_NOT_ACTIVE');
    expect(await desk.record(caseId, { type: 'email', direction: 'outbound', body: 'Hello' })).toBe('CASE_NOT_ACTIVE');
    const remark = { type: 'email', direction: 'inbound', visibility: 'internal', body: 'Seen' } as const;
    expect(await desk.record(caseId, remark)).toBe('CASE_NOT_ACTIVE');
  });
});
