import { z } from 'zod';
import { CaseId } from '../../domain/cases/case.ts';
import { AssociateCases } from '../../domain/hierarchy/associate-cases.ts';
import { declareRoute } from '../api/route.ts';
import { CaseView } from '../cases/case-view.ts';
import { AssociatedCases } from './associate-cases.ts';

/** The routes of families that are no command on one case alone. */
export const hierarchyRoutes = {
  associate: declareRoute({
    method: 'POST',
    path: '/v1/cases/associate',
    tag: 'Parents and children',
    summary: 'Make several cases children of one: all of them or none',
    roles: ['agent'],
    body: AssociateCases,
    answer: AssociatedCases,
    refusals: [
      'CASE_NOT_ACTIVE',
      'ALREADY_HAS_PARENT',
      'PARENT_AS_CHILD',
      'CHILD_OF_CHILD',
      'CHILD_LIMIT',
      'PARENT_NOT_ACTIVE',
      'MERGED_ELSEWHERE',
    ],
  }),
  resumeCascade: declareRoute({
    method: 'POST',
    path: '/v1/cases/{caseId}/cascade/resume',
    tag: 'Parents and children',
    summary: 'Take up the children that a parent’s closing could not close',
    description: 'For a cascade that ended `partial`; one that runs or has closed all of them is left as it is.',
    roles: ['agent'],
    params: z.object({ caseId: CaseId }),
    answer: CaseView,
  }),
};
