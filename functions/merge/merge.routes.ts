import { z } from 'zod';
import { CaseId } from '../../domain/cases/case.ts';
import { MergeCases } from '../../domain/merge/merge-cases.ts';
import { UnmergeCase } from '../../domain/merge/unmerge-case.ts';
import { declareRoute } from '../api/route.ts';
import { CaseView } from '../cases/case-view.ts';

const params = z.object({ caseId: CaseId });

/** A merged case as its merge answers it: ten whole cases would not fit the record that repeats the answer. */
export const MergedCase = CaseView.pick({
  caseId: true,
  caseNumber: true,
  title: true,
  customerId: true,
  status: true,
  statusReason: true,
  mergedInto: true,
  mergeState: true,
  modifiedOn: true,
  version: true,
}).meta({ id: 'MergedCase' });

/** The routes of merging. */
export const mergeRoutes = {
  merge: declareRoute({
    method: 'POST',
    path: '/v1/cases/{caseId}/merge',
    tag: 'Merging',
    summary: 'Merge cases into this one, all or none',
    description:
      'The cases are merged when it answers. Their activities and children follow; `mergeState` is `done` once they have come.',
    roles: ['agent'],
    params,
    body: MergeCases,
    answer: z.object({ survivor: CaseView, merged: z.array(MergedCase) }),
    refusals: [
      'MERGE_SELF',
      'MERGE_DUPLICATE',
      'MERGE_TOO_MANY',
      'MERGE_NOT_ACTIVE',
      'MERGE_DIFFERENT_PARENTS',
      'MERGE_DIFFERENT_CUSTOMERS',
      'MERGE_DEPTH',
      'TRANSITION_NOT_ALLOWED',
      'CHILD_LIMIT',
      'TOO_MANY_OPEN_ACTIVITIES',
    ],
  }),
  unmerge: declareRoute({
    method: 'POST',
    path: '/v1/cases/{caseId}/unmerge',
    tag: 'Merging',
    summary: 'Take a case out of this one again, with what came from it',
    roles: ['agent'],
    params,
    body: UnmergeCase,
    answer: z.object({ survivor: CaseView, unmerged: CaseView }),
    refusals: ['UNMERGE_NOT_POSSIBLE', 'CASE_NOT_ACTIVE', 'PARENT_CLOSED', 'ENTITLEMENT_EXHAUSTED'],
  }),
};
