import { AssociateCases } from '../../domain/hierarchy/associate-cases.ts';
import { declareRoute } from '../api/route.ts';
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
      'ALREADY_HAS_PARENT',
      'PARENT_AS_CHILD',
      'CHILD_OF_CHILD',
      'CHILD_LIMIT',
      'PARENT_NOT_ACTIVE',
      'MERGED_ELSEWHERE',
    ],
  }),
};
