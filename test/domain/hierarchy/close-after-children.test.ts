import { describe, expect, it } from 'vitest';
import type { CaseFile, Rules } from '../../../domain/cases/case-file.ts';
import { CustomField } from '../../../domain/custom-fields/custom-field.ts';
import { type ClosedChild, closeAfterChildren } from '../../../domain/hierarchy/close-after-children.ts';
import {
  activeCase,
  CASE,
  changeOf,
  childrenOf,
  fileOf,
  NOW,
  openTasks,
  PARENT,
  resolvedCase,
  rulesOf,
  withoutEdges,
} from '../../support/case-builders.ts';

const parent = (parts: Partial<Omit<CaseFile, 'case'>> = {}): CaseFile =>
  fileOf(activeCase({ caseId: PARENT }), { family: childrenOf(PARENT, 0, 3), ...parts });
const lastResolved = resolvedCase({ parentId: PARENT });
const lastChild: ClosedChild = { childId: CASE, by: 'anna', lastResolved };
const after = (file: CaseFile, last: ClosedChild = lastChild, rules: Rules = rulesOf()) =>
  closeAfterChildren(file, last, rules, NOW);
const changed = (...args: Parameters<typeof after>) => {
  const decision = after(...args);
  if (!decision) throw new Error('nothing follows');
  return changeOf(decision);
};

const needed = CustomField.parse({ label: 'Cause', type: 'text', required: 'onResolve' });

describe('a parent whose last active child has been closed', () => {
  it('is resolved as that child was, by whom it was, because of its children', () => {
    const { after: file, facts, fences } = changed(parent());
    expect(file.case).toMatchObject({
      status: 'resolved',
      statusReason: 'problemSolved',
      resolution: { resolution: 'Done', resolvedBy: 'anna', cause: 'children' },
    });
    expect(facts.map(({ type }) => type)).toEqual(['case.resolved']);
    expect(fences).toEqual([{ type: 'activeChildrenAre', count: 0 }]);
  });

  it.each([
    ['another child is active', parent({ family: childrenOf(PARENT, 1, 3) })],
    ['it is closed itself', fileOf(resolvedCase({ caseId: PARENT }), { family: childrenOf(PARENT, 0, 3) })],
  ])('is left alone when %s', (_, file) => {
    expect(after(file)).toBeUndefined();
  });

  it.each([
    [
      'activities of its own are open',
      parent({ activities: openTasks(2, PARENT) }),
      lastChild,
      rulesOf(),
      'OPEN_ACTIVITIES',
    ],
    [
      'the graph does not let it',
      parent(),
      lastChild,
      rulesOf({}, { statusModel: withoutEdges(['inProgress', 'problemSolved']) }),
      'TRANSITION_NOT_ALLOWED',
    ],
    [
      'a field that a resolution needs is empty',
      parent(),
      lastChild,
      rulesOf({}, { customFields: [{ id: 'cause', version: 1, document: needed }] }),
      'VALIDATION_FAILED',
    ],
    ['all children were cancelled', parent(), { childId: CASE, by: 'anna' }, rulesOf(), 'NO_RESOLUTION'],
  ])('stays open and tells why when %s', (_, file, last, rules, code) => {
    const { before, after: kept, facts, fences } = changed(file, last, rules);
    expect(kept).toBe(before);
    expect(facts).toMatchObject([{ type: 'case.stayedOpen', childId: CASE, code }]);
    expect(fences).toEqual([{ type: 'activeChildrenAre', count: 0 }]);
  });

  it('waits while a merge may bring it more children', () => {
    const merges = { caseId: PARENT, moves: 1, received: [], depth: 0 };
    expect(after(parent({ merges }))).toMatchObject({ accepted: false, code: 'TRY_AGAIN' });
  });
});
