import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Answer, everyItem } from '../support/api-client.ts';
import { posts } from '../support/diary.ts';
import { withService } from '../support/service.ts';

const service = withService();

type Body = Answer['body'];

const settings = (body: object) => service.admin.put('/v1/settings/case-settings', body);
const got = async (caseId: string): Promise<Body> => (await service.anna.get(`/v1/cases/${caseId}`)).body;
const created = (body: object, key?: string) => service.anna.post('/v1/cases', { origin: 'web', ...body }, { key });
const resolve = (caseId: string, body: object = {}) =>
  service.anna.post(`/v1/cases/${caseId}/resolve`, { resolutionType: 'problemSolved', resolution: 'Done', ...body });
const cancel = (caseId: string) => service.anna.post(`/v1/cases/${caseId}/cancel`, {});
const reactivate = (caseId: string) => service.anna.post(`/v1/cases/${caseId}/reactivate`);
const attach = (caseId: string, parentId: string) => service.anna.put(`/v1/cases/${caseId}/parent`, { parentId });
const detach = (caseId: string) => service.anna.delete(`/v1/cases/${caseId}/parent`);
const task = (caseId: string) =>
  service.anna.post(`/v1/cases/${caseId}/activities`, { type: 'task', body: 'Call back' });
const childrenOf = (parentId: string): Promise<Body[]> => everyItem(service.anna, `/v1/cases/${parentId}/children`);
const outcome = ({ status, body }: Answer): string => body.code ?? String(status);
const tally = (answers: Answer[]): Record<string, number> => {
  const outcomes = answers.map(outcome).sort();
  return Object.fromEntries(
    [...new Set(outcomes)].map((one) => [one, outcomes.filter((other) => other === one).length]),
  );
};
const times = <Result>(n: number, act: (n: number) => Promise<Result>): Promise<Result[]> =>
  Promise.all(Array.from({ length: n }, (_, index) => act(index)));

describe('under the policy blockUntilChildrenClosed', () => {
  beforeAll(() => settings({ closurePolicy: 'blockUntilChildrenClosed', maxChildren: 3 }));

  it('a parent that is resolved while its child is and another is opened: no parent is closed over an active child', async () => {
    for (let round = 0; round < 12; round += 1) {
      const parent = await service.opened({ queueId: 'default' });
      const child = await service.opened({ parentId: parent.caseId });
      const race = [
        () => resolve(child.caseId),
        () => resolve(parent.caseId),
        () => created({ parentId: parent.caseId }),
      ];
      const order = [0, 1, 2].map((n) => (n + round) % 3);
      const answers: Answer[] = [];
      await Promise.all(
        order.map(async (n) => {
          answers[n] = await race[n]!();
        }),
      );
      const [ofChild, ofParent, ofOpening] = answers.map(outcome);
      expect(ofChild).toBe('200');
      // Either the parent was closed first and takes no child, or the child was first and keeps the parent open.
      expect(['200 PARENT_NOT_ACTIVE', 'ACTIVE_CHILDREN 201']).toContain(`${ofParent} ${ofOpening}`);
      if (ofParent === 'ACTIVE_CHILDREN') expect([1, 2]).toContain(answers[1]!.body.activeChildren);

      const after = await got(parent.caseId);
      const active = (await childrenOf(parent.caseId)).filter(({ status }) => status === 'active').length;
      expect(after.activeChildren).toBe(active);
      expect([after.status, active]).toEqual(ofParent === '200' ? ['resolved', 0] : ['active', 1]);
    }
  });

  it('fifty at once want the last place under the cap: one has it', async () => {
    const parent = await service.opened({ queueId: 'default' });
    const { caseId: parentId, customerId } = parent;
    await created({ parentId });
    await created({ parentId });
    const lone = await times(10, () => service.opened({ customerId, queueId: 'default' }));
    const answers = await times(50, (n) => (n < 10 ? attach(lone[n]!.caseId, parentId) : created({ parentId })));
    const succeeded = answers.filter(({ status }) => status < 300);
    expect(succeeded).toHaveLength(1);
    expect(tally(answers).CHILD_LIMIT).toBe(49);
    expect(await got(parentId)).toMatchObject({ childCount: 3, activeChildren: 3 });
    const ids = (await childrenOf(parentId)).map(({ caseId }) => caseId);
    expect(ids).toHaveLength(3);
    expect(ids).toContain(succeeded[0]!.body.caseId);
    expect(await posts(service.anna, parentId, 'case.childAttached')).toHaveLength(3);
  });

  it('whatever a family’s members do to each other at once, the counters say what is so', async () => {
    const who = fc.nat({ max: 3 });
    const acts = fc.array(
      fc.oneof(
        fc.record({
          act: fc.constantFrom('resolve', 'cancel', 'reactivate', 'detach', 'open') as fc.Arbitrary<string>,
          who,
        }),
        fc.record({ act: fc.constant('attach'), who, to: who }),
      ),
      { minLength: 3, maxLength: 10 },
    );
    await fc.assert(
      fc.asyncProperty(acts, async (together) => {
        const family: string[] = [];
        for (let n = 0; n < 4; n += 1) family.push((await service.opened({ queueId: 'default' })).caseId);
        await attach(family[1]!, family[0]!);
        const answers = await Promise.all(
          together.map((step) => {
            const caseId = family[step.who]!;
            if ('to' in step) return attach(caseId, family[step.to]!);
            const { act } = step;
            if (act === 'resolve') return resolve(caseId);
            if (act === 'cancel') return cancel(caseId);
            if (act === 'reactivate') return reactivate(caseId);
            return act === 'detach' ? detach(caseId) : created({ parentId: caseId });
          }),
        );
        expect(
          answers.filter(({ status }) => ![200, 201, 404, 409, 503].includes(status)).map(({ body }) => body),
        ).toEqual([]);
        for (const caseId of family) {
          const [subject, children] = [await got(caseId), await childrenOf(caseId)];
          const active = children.filter(({ status }) => status === 'active');
          expect([subject.childCount, subject.activeChildren]).toEqual([children.length, active.length]);
          expect(children.every(({ parentId }) => parentId === caseId)).toBe(true);
          if (subject.parentId) expect(children).toEqual([]);
          if (subject.status !== 'active') expect(active).toEqual([]);
        }
      }),
      { numRuns: 10 },
    );
  }, 60_000);
});

describe('under the policy cascadeToChildren', () => {
  beforeAll(() => settings({ closurePolicy: 'cascadeToChildren', maxChildren: 100 }));

  it('children that are closed by hand while their parent’s cascade runs are closed once, by one or the other', async () => {
    const parent = await service.opened({ queueId: 'default' });
    const children = await times(12, () => service.opened({ parentId: parent.caseId, queueId: 'default' }));
    await Promise.all([resolve(parent.caseId), ...children.slice(0, 6).map(({ caseId }) => resolve(caseId))]);
    await service.settled();
    const { cascade, activeChildren } = await got(parent.caseId);
    expect(activeChildren).toBe(0);
    const causes: string[] = [];
    for (const { caseId } of children) {
      const closings = await posts(service.anna, caseId, 'case.resolved');
      expect(closings).toHaveLength(1);
      causes.push(closings[0].cause);
    }
    expect(cascade).toMatchObject({ state: 'completed', failed: 0 });
    expect(causes.filter((cause) => cause === `cascade:${cascade.id}`)).toHaveLength(cascade.closed);
  });
});

describe('a case in a queue', () => {
  it('that many pick at once is one’s: the others are told whose', async () => {
    const agents = await times(4, (n) => service.as(`agent-${n}`, 'agent'));
    for (let round = 0; round < 5; round += 1) {
      const { caseId } = await service.opened({ queueId: 'default' });
      const answers = await Promise.all(agents.map((agent) => agent.post(`/v1/queues/default/items/${caseId}/pick`)));
      expect(tally(answers)).toEqual({ 200: 1, ALREADY_PICKED: 3 });
      const { workedBy, ownerId } = await got(caseId);
      expect(workedBy).toBe(`agent-${answers.findIndex(({ status }) => status === 200)}`);
      expect(ownerId).toBe(workedBy);
      const refused = answers.filter(({ status }) => status === 409).map(({ body }) => body.workedBy);
      expect(new Set(refused)).toEqual(new Set([workedBy]));
      expect(await posts(service.anna, caseId, 'case.picked')).toHaveLength(1);
    }
  });
});

describe('a request with an Idempotency-Key', () => {
  it('that is sent five times at once opens one case and has one answer', async () => {
    const customerId = await service.customer();
    const request = { title: 'Twice is once', customerId };
    const answers = await times(5, () => created(request, 'key-1'));
    expect(tally(answers)).toEqual({ 201: 5 });
    for (const { body } of answers) expect(body).toEqual(answers[0]!.body);
    expect(await everyItem(service.anna, `/v1/cases?customerId=${customerId}`)).toHaveLength(1);

    const later = await created(request, 'key-1');
    expect(later.body).toEqual(answers[0]!.body);
    expect(outcome(await created({ ...request, title: 'Other' }, 'key-1'))).toBe('IDEMPOTENCY_MISMATCH');
    const another = await service.ben.post('/v1/cases', { origin: 'web', ...request }, { key: 'key-1' });
    expect(another.body.caseId).not.toBe(later.body.caseId);
  });

  it('that resolves a case five times at once resolves it for all five', async () => {
    const { caseId } = await service.opened({ queueId: 'default' });
    const body = { resolutionType: 'problemSolved', resolution: 'Done' };
    const answers = await times(5, () => service.anna.post(`/v1/cases/${caseId}/resolve`, body, { key: 'resolve-1' }));
    expect(tally(answers)).toEqual({ 200: 5 });
    expect(await posts(service.anna, caseId, 'case.resolved')).toHaveLength(1);
  });
});

describe('a case that several change at once', () => {
  it('is resolved once', async () => {
    const { caseId } = await service.opened({ queueId: 'default' });
    expect(tally(await times(5, () => resolve(caseId)))).toEqual({ 200: 1, ALREADY_RESOLVED: 4 });
    const { body } = await service.anna.get(`/v1/cases/${caseId}/resolutions`);
    expect(body.items).toHaveLength(1);
  });

  it('takes one of those who have read the same version', async () => {
    const { caseId, version } = await service.opened({ queueId: 'default' });
    const answers = await times(5, (n) =>
      service.anna.patch(`/v1/cases/${caseId}`, { title: `Version ${n}` }, { ifMatch: version }),
    );
    expect(tally(answers)).toEqual({ 200: 1, STALE_VERSION: 4 });
    expect((await got(caseId)).version).toBe(version + 1);
  });

  it('is never closed over an open task', async () => {
    for (let round = 0; round < 8; round += 1) {
      const { caseId } = await service.opened({ queueId: 'default' });
      const [closing, adding] = await Promise.all([resolve(caseId), task(caseId)]);
      expect(['200 CASE_NOT_ACTIVE', 'OPEN_ACTIVITIES 201']).toContain(`${outcome(closing)} ${outcome(adding)}`);
    }
  });

  it('takes in every note, and every message that came before it was closed', async () => {
    const { caseId } = await service.opened({ queueId: 'default' });
    const message = { type: 'email', direction: 'inbound', body: 'Thank you' };
    await service.integration.post(`/v1/cases/${caseId}/activities`, message);
    const [closing, ...added] = await Promise.all([
      resolve(caseId),
      ...Array.from({ length: 4 }, () => service.integration.post(`/v1/cases/${caseId}/activities`, message)),
      ...Array.from({ length: 4 }, () =>
        service.anna.post(`/v1/cases/${caseId}/activities`, { type: 'note', body: 'Noted' }),
      ),
    ]);
    expect(closing!.status).toBe(200);
    expect(added.slice(4).every(({ status }) => status === 201)).toBe(true);
    const accepted = added.slice(0, 4).filter(({ status }) => status === 201).length;
    const timeline = await everyItem(service.anna, `/v1/cases/${caseId}/timeline`);
    expect(timeline.filter(({ type }) => type === 'email')).toHaveLength(1 + accepted);
    expect(timeline.filter(({ type }) => type === 'note')).toHaveLength(4);
  });
});
