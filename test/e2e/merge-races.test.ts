import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Answer, everyItem } from '../support/api-client.ts';
import { withService } from '../support/service.ts';

const service = withService();

type Body = Answer['body'];

/** Few cases and a low cap, so that people get into each other's way. */
const CASES = 8;
const MAX_CHILDREN = 3;

/** What people and machines do at the same time; numbers stand for cases, counted from the first. */
type Step =
  | { do: 'open'; under: number | undefined }
  | { do: 'merge'; into: number; others: number[] }
  /** The n-th last of the cases that have been merged so far. */
  | { do: 'unmerge'; nth: number }
  | { do: 'attach'; one: number; under: number }
  | { do: 'detach' | 'resolve' | 'reactivate'; one: number }
  | { do: 'note' | 'task' | 'mail'; one: number };

const aCase = fc.nat(CASES + 3);
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 2, arbitrary: fc.record({ do: fc.constant('open'), under: fc.option(aCase, { nil: undefined }) }) },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('merge'),
      into: aCase,
      others: fc.uniqueArray(aCase, { minLength: 1, maxLength: 3 }),
    }),
  },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('unmerge'), nth: fc.nat(5) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('attach'), one: aCase, under: aCase }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constantFrom('detach', 'resolve', 'reactivate'), one: aCase }) },
  { weight: 6, arbitrary: fc.record({ do: fc.constantFrom('note', 'task', 'mail'), one: aCase }) },
);
/** Steps of one group are taken all at once; the stream is given time to follow before some groups. */
const history = fc.array(fc.record({ settled: fc.boolean(), steps: fc.array(step, { minLength: 3, maxLength: 8 }) }), {
  minLength: 4,
  maxLength: 6,
});

/** One history: its cases, and every activity that the service has accepted, with the case that it was recorded on. */
class World {
  readonly caseIds: string[] = [];
  readonly recorded = new Map<string, string>();
  readonly merged: { caseId: string; into: string }[] = [];
  readonly customerId: string;

  constructor(customerId: string) {
    this.customerId = customerId;
  }

  async take(one: Step): Promise<void> {
    const { anna, integration } = service;
    const at = (n: number) => `/v1/cases/${this.idOf(n)}`;
    switch (one.do) {
      case 'open':
        return this.open(one.under === undefined ? {} : { parentId: this.idOf(one.under) });
      case 'merge':
        return this.merge(
          this.idOf(one.into),
          one.others.map((n) => this.idOf(n)),
        );
      case 'unmerge': {
        const pair = this.merged.at(-1 - one.nth);
        return pair && this.send(anna.post(`/v1/cases/${pair.into}/unmerge`, { caseId: pair.caseId }));
      }
      case 'attach':
        return this.send(anna.put(`${at(one.one)}/parent`, { parentId: this.idOf(one.under) }));
      case 'detach':
        return this.send(anna.delete(`${at(one.one)}/parent`));
      case 'resolve':
        return this.send(
          anna.post(`${at(one.one)}/resolve`, {
            resolutionType: 'problemSolved',
            resolution: 'Done',
            confirmCancelActivities: true,
          }),
        );
      case 'reactivate':
        return this.send(anna.post(`${at(one.one)}/reactivate`));
      case 'mail': {
        const mail = { type: 'email', direction: 'inbound', body: 'Hello?' };
        return this.record(integration.post(`${at(one.one)}/activities`, mail));
      }
      default:
        return this.record(anna.post(`${at(one.one)}/activities`, { type: one.do, body: 'Seen' }));
    }
  }

  async open(fields: object): Promise<void> {
    const body = { title: 'No network', origin: 'web', customerId: this.customerId, slaId: 'standard', ...fields };
    const answer = await service.anna.post('/v1/cases', body);
    if (this.isAccepted(answer)) this.caseIds.push(answer.body.caseId);
  }

  private async merge(into: string, others: string[]): Promise<void> {
    const caseIds = [...new Set(others)].filter((caseId) => caseId !== into);
    if (caseIds.length === 0) return;
    const answer = await service.anna.post(`/v1/cases/${into}/merge`, { caseIds });
    if (this.isAccepted(answer)) this.merged.push(...caseIds.map((caseId) => ({ caseId, into })));
  }

  private idOf(n: number): string {
    return this.caseIds[n % this.caseIds.length] ?? '';
  }

  private async send(sent: Promise<Answer>): Promise<void> {
    this.isAccepted(await sent);
  }

  private async record(sent: Promise<Answer>): Promise<void> {
    const answer = await sent;
    if (this.isAccepted(answer)) this.recorded.set(answer.body.activityId, answer.body.caseId);
  }

  /** Whatever happens at once, nobody is ever told that something is broken. */
  private isAccepted({ status, body }: Answer): boolean {
    if (status >= 500 && status !== 503) throw new Error(`${status} ${JSON.stringify(body)}`);
    return status < 300;
  }
}

interface Seen {
  file: Body;
  timeline: Body[];
  audit: Body[];
  children: string[];
  clocks: Body[];
}

const lookAt = async (caseId: string): Promise<Seen> => {
  const at = `/v1/cases/${caseId}`;
  const [file, timeline, audit, children, sla] = await Promise.all([
    service.anna.get(at),
    everyItem(service.anna, `${at}/timeline`),
    everyItem(service.anna, `${at}/audit`),
    everyItem(service.anna, `${at}/children`),
    service.anna.get(`${at}/sla`),
  ]);
  return { file: file.body, timeline, audit, children: children.map((child) => child.caseId), clocks: sla.body.kpis };
};

const activitiesOf = ({ timeline }: Seen): Body[] => timeline.filter(({ kind }) => kind === 'activity');

/** What must be so once everything has come to rest, whoever was faster. */
const expectConsistent = async (world: World): Promise<void> => {
  const seen = new Map(await Promise.all(world.caseIds.map(async (id) => [id, await lookAt(id)] as const)));
  const files = [...seen.values()].map(({ file }) => file);
  const rootOf = (caseId: string, hops = 0): string => {
    const { mergedInto } = seen.get(caseId)!.file;
    expect(hops).toBeLessThan(CASES * 2);
    return mergedInto ? rootOf(mergedInto, hops + 1) : caseId;
  };

  for (const [caseId, { file, audit, children, clocks }] of seen) {
    const isMerged = file.mergedInto !== undefined;
    expect(isMerged).toBe(file.statusReason === 'merged');
    expect(file.mergeState).not.toBe('moving');
    const into = files.filter(({ mergedInto }) => mergedInto === caseId).map((one) => one.caseId);
    expect(new Set(file.mergedCases)).toEqual(new Set(into));

    // The facts tell the same as the state.
    const count = (action: string) => audit.filter((entry) => entry.action === action).length;
    expect(count('case.merged') - count('case.unmerged')).toBe(isMerged ? 1 : 0);
    expect(count('case.moveCompleted')).toBeGreaterThanOrEqual(isMerged ? 1 : 0);

    // Families: each child under the parent that it names, counted there, and no parent that is merged.
    const own = files.filter(({ parentId }) => parentId === caseId);
    expect(new Set(children)).toEqual(new Set(own.map((one) => one.caseId)));
    expect(file.childCount).toBe(own.length);
    expect(file.childCount).toBeLessThanOrEqual(MAX_CHILDREN);
    const active = own.filter(({ status }) => status === 'active');
    expect(file.activeChildren).toBe(active.length);
    if (file.status !== 'active') expect(active).toEqual([]);
    if (isMerged || file.parentId) expect(own).toEqual([]);

    // Clocks run on active cases only.
    const running = clocks.filter(({ status }) => status === 'inProgress');
    expect(running).toHaveLength(file.status === 'active' ? 1 : 0);
    expect(file.queueId).toBe(file.status === 'active' ? 'default' : undefined);
  }

  // Every activity exactly once, at the end of the chain that leads away from where it was recorded.
  const found = [...seen].flatMap(([caseId, one]) => activitiesOf(one).map((activity) => ({ caseId, activity })));
  expect(found).toHaveLength(world.recorded.size);
  for (const { caseId, activity } of found) {
    const recordedOn = world.recorded.get(activity.activityId)!;
    expect(caseId).toBe(rootOf(recordedOn));
    expect(activity.caseId).toBe(caseId);
    expect(activity.mergedFrom).toBe(caseId === recordedOn ? undefined : recordedOn);
  }

  // What a case lists as open is what is open on it.
  for (const [caseId, one] of seen) {
    const open = activitiesOf(one).filter(({ state }) => state === 'open');
    if (one.file.status !== 'active') expect(open).toEqual([]);
    else if (open.length > 0) {
      const narrative = { resolutionType: 'problemSolved', resolution: 'Done' };
      const { body } = await service.anna.post(`/v1/cases/${caseId}/resolve`, narrative);
      if (body.code === 'ACTIVE_CHILDREN') continue;
      const listed = body.activities.map(({ activityId }: Body) => activityId);
      expect(new Set(listed)).toEqual(new Set(open.map(({ activityId }) => activityId)));
    }
  }
};

describe('cases that are merged, unmerged, opened, moved and closed by many at once', () => {
  beforeAll(async () => {
    const { admin } = service;
    const items = [{ id: 'solve', kpi: 'resolve', targetMinutes: 600 }];
    await admin.put('/v1/settings/slas/standard', { name: 'Standard', items });
    const settings = { maxChildren: MAX_CHILDREN, closurePolicy: 'blockUntilChildrenClosed', inheritedFields };
    await admin.put('/v1/settings/case-settings', settings);
  });
  const inheritedFields = ['title', 'customerId'];
  const numRuns = process.env.NIGHTLY ? 1_000 : 4;

  it('lose nothing, count right and stay within the cap', { timeout: numRuns * 60_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(history, async (groups) => {
        const world = new World(await service.customer());
        for (let n = 0; n < CASES; n += 1) await world.take({ do: 'open', under: n % 4 === 3 ? n - 1 : undefined });
        await Promise.all(world.caseIds.map((_, one) => world.take({ do: one % 2 ? 'task' : 'note', one })));
        await service.settled();
        for (const { settled, steps } of groups) {
          if (settled) await service.settled();
          await Promise.all(steps.map((one) => world.take(one)));
        }
        await service.settled();
        await expectConsistent(world);
      }),
      { numRuns, endOnFailure: true },
    );
  });
});
