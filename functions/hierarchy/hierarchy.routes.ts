import { z } from 'zod';
import { StartBroadcast } from '../../domain/broadcast/broadcast.ts';
import { CaseId } from '../../domain/cases/case.ts';
import { AssociateCases } from '../../domain/hierarchy/associate-cases.ts';
import { declareRoute, pageQuery } from '../api/route.ts';
import { Broadcasts } from '../broadcast/broadcasts.ts';
import { CaseView } from '../cases/case-view.ts';
import { AssociatedCases } from './associate-cases.ts';

const params = z.object({ caseId: CaseId });

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
    params,
    answer: CaseView,
  }),
  broadcast: declareRoute({
    method: 'POST',
    path: '/v1/cases/{caseId}/broadcast',
    tag: 'Parents and children',
    summary: 'Tell all active children of a case something',
    description: 'The children follow by themselves: `broadcast` of the case tells how far it has come.',
    roles: ['agent'],
    params,
    body: StartBroadcast,
    answer: CaseView,
    status: 202,
    refusals: ['CASE_NOT_ACTIVE'],
  }),
  broadcasts: declareRoute({
    method: 'GET',
    path: '/v1/cases/{caseId}/broadcasts',
    tag: 'Parents and children',
    summary: 'What has been told to the children of a case, the newest first',
    roles: ['agent'],
    params,
    query: z.strictObject(pageQuery),
    answer: Broadcasts,
  }),
};
