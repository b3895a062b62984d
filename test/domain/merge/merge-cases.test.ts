import { describe, expect, it } from 'vitest';
import type { CaseFile } from '../../../domain/cases/case-file.ts';
import { type Merge, MergeCases, type MergeContext, mergeCases } from '../../../domain/merge/merge-cases.ts';
import { MAX_HOPS, MAX_RECEIVED, mergesOf } from '../../../domain/merge/merges.ts';
import type { Decision } from '../../../domain/refusal.ts';
import {
  activeCase,
  anna,
  childrenOf,
  fileOf,
  NOW,
  openTasks,
  PARENT,
  queued,
  rulesOf,
  sue,
  withoutEdges,
} from '../../support/case-builders.ts';

const idOf = (n: number): string => `0196b3a0-0000-7000-8000-0000000000${n}`;
const [S, M, N] = [idOf(10), idOf(11), idOf(12)];
const caseOf = (caseId: string, fields = {}, parts = {}): CaseFile => fileOf(activeCase({ caseId, ...fields }), parts);

const merged = (
  survivor: CaseFile,
  others: CaseFile[],
  context: Partial<MergeContext> = {},
  more: Partial<MergeCases> = {},
): Decision<Merge> =>
  mergeCases(survivor, others, MergeCases.parse({ caseIds: others.map((file) => file.case.caseId), ...more }), {
    rulesOf: () => rulesOf(),
    caller: anna,
    now: NOW,
    moveIdOf: (file) => file.case.caseId,
    clocks: 'now',
    ...context,
  });
const told = (decision: Decision<Merge>): string => (decision.accepted ? 'merged' : decision.code);

describe('who may be merged with whom', () => {
  const child = (caseId: string, parentId = PARENT) => caseOf(caseId, { parentId });
  const parent = (caseId: string, n = 1) => caseOf(caseId, {}, { family: childrenOf(caseId, n) });
  it.each([
    ['two cases that stand alone', 'merged', caseOf(S), caseOf(M)],
    ['two children of one parent', 'merged', child(S), child(M)],
    ['children of two parents', 'MERGE_DIFFERENT_PARENTS', child(S), child(M, N)],
    ['a child into a case that stands alone', 'MERGE_DIFFERENT_PARENTS', caseOf(S), child(M)],
    ['a child into its own parent', 'MERGE_DIFFERENT_PARENTS', parent(PARENT), child(M)],
    ['a case that stands alone into a child', 'merged', child(S), caseOf(M)],
    ['a parent into a child', 'MERGE_DEPTH', child(S), parent(M)],
    ['a parent into its own child', 'MERGE_DEPTH', child(S, M), parent(M)],
    ['a parent into a parent', 'merged', parent(S), parent(M)],
  ])('%s: %s', (_, then, survivor, other) => {
    expect(told(merged(survivor, [other]))).toBe(then);
  });

  it.each([
    [60, 30, 11, 'CHILD_LIMIT'],
    [60, 30, 10, 'merged'],
    [100, 0, 0, 'merged'],
  ])('%i, %i and %i children under a cap of 100: %s', (a, b, c, then) => {
    expect(told(merged(parent(S, a), [parent(M, b), parent(N, c)]))).toBe(then);
  });

  it.each([
    ['the same customer', 'merged', 'ada', 'ada', anna, false],
    ['a contact of the same account', 'merged', 'bob', 'ada', anna, false],
    ['another customer', 'MERGE_DIFFERENT_CUSTOMERS', 'eve', 'eve', anna, false],
    ['another customer, an agent confirming', 'MERGE_DIFFERENT_CUSTOMERS', 'eve', 'eve', anna, true],
    ['another customer, a supervisor not confirming', 'MERGE_DIFFERENT_CUSTOMERS', 'eve', 'eve', sue, false],
    ['another customer, a supervisor confirming', 'merged', 'eve', 'eve', sue, true],
  ] as const)('%s: %s', (_, then, customerId, accountId, caller, confirmDifferentCustomers) => {
    const other = caseOf(M, { customerId });
    const decided = merged(
      caseOf(S),
      [{ ...other, case: { ...other.case, accountId } }],
      { caller },
      { confirmDifferentCustomers },
    );
    expect(told(decided)).toBe(then);
  });

  it('is decided by the transition graph as well', () => {
    const rules = rulesOf({}, { statusModel: withoutEdges(['inProgress', 'merged']) });
    const decision = merged(caseOf(S), [caseOf(M)], { rulesOf: () => rules });
    expect(decision).toMatchObject({ code: 'TRANSITION_NOT_ALLOWED', details: { permitted: expect.any(Array) } });
    const onHold = caseOf(M, { statusReason: 'onHold' });
    expect(told(merged(caseOf(S), [onHold], { rulesOf: () => rules }))).toBe('merged');
  });

  it('waits until another merge has moved what it moves', () => {
    const busy = { ...caseOf(M), merges: { caseId: M, moves: 1, received: [], depth: 0 } };
    expect(told(merged(caseOf(S), [busy]))).toBe('TRY_AGAIN');
    expect(told(merged(busy, [caseOf(S)]))).toBe('merged');
  });

  it.each([
    [30, 20, 'merged'],
    [30, 21, 'TOO_MANY_OPEN_ACTIVITIES'],
    [50, 0, 'merged'],
  ])('with %i and %i open activities: %s', (own, others, then) => {
    const survivor = caseOf(S, {}, { activities: openTasks(own, S) });
    expect(told(merged(survivor, [caseOf(M, {}, { activities: openTasks(others, M) })]))).toBe(then);
  });

  it('ends where chains of merges would become too long to follow, or lists too long to keep', () => {
    const deep = (depth: number) => ({ ...caseOf(M), merges: { caseId: M, moves: 0, received: [], depth } });
    expect(told(merged(caseOf(S), [deep(MAX_HOPS - 1)]))).toBe('merged');
    expect(told(merged(caseOf(S), [deep(MAX_HOPS)]))).toBe('MERGE_DEPTH');
    const received = Array.from({ length: MAX_RECEIVED }, () => ({ caseId: N }));
    const full = { ...caseOf(S), merges: { caseId: S, moves: 0, received, depth: 1 } };
    expect(told(merged(full, [caseOf(M)]))).toBe('MERGE_TOO_MANY');
  });
});

describe('a merge', () => {
  it('cancels no open activity: the survivor lists them, with where they still are', () => {
    const placement = queued({ caseId: M });
    const decision = merged(caseOf(S), [caseOf(M, {}, { activities: openTasks(2, M), placement })]);
    if (!decision.accepted) throw new Error(decision.code);
    const { survivor, merged: others } = decision.value;
    expect(survivor.after.activities.open.map(({ at }) => at)).toEqual([M, M]);
    expect(others[0]).toMatchObject({
      after: {
        case: { status: 'cancelled', statusReason: 'merged', mergedInto: S },
        activities: { accepts: 'nothing', open: [] },
        placement: { state: 'left', queueId: 'default' },
        merges: { away: { state: 'moving', before: { statusReason: 'inProgress', queued: true } } },
      },
    });
    expect(others[0]?.cancelledActivities).toBeUndefined();
    expect(others[0]?.facts.map(({ type }) => type)).toEqual(['case.merged']);
  });

  it('makes customers of merged cases take part once each, also those that came over a chain', () => {
    const before = merged(caseOf(M, { customerId: 'bob' }), [caseOf(N, { customerId: 'eve' })]);
    if (!before.accepted) throw new Error(before.code);
    const { after } = before.value.survivor;
    const settled = { ...after, merges: { ...mergesOf(after), moves: 0 } };
    const chain = merged(caseOf(S), [settled, caseOf(idOf(13))]);
    if (!chain.accepted) throw new Error(chain.code);
    expect(chain.value.survivor.after.merges?.received).toEqual([
      { caseId: M, participants: ['bob', 'eve'] },
      { caseId: idOf(13) },
    ]);
  });
});
