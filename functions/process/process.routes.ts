import { z } from 'zod';
import { CaseId, Slug } from '../../domain/cases/case.ts';
import { MoveStage } from '../../domain/process/move-stage.ts';
import { ProcessFlow } from '../../domain/process/process-flow.ts';
import { declareRoute, pageOf, pageQuery } from '../api/route.ts';
import { CaseView } from '../cases/case-view.ts';
import { Deleted, settingView } from '../settings/documents.ts';
import { CaseStages } from './read-stages.ts';

const params = z.object({ id: Slug });
const tag = 'Process flows';
const ofCase = z.object({ caseId: CaseId });

/** The routes of the stages that cases go through: agents read them, admins change them. */
export const processFlowRoutes = {
  list: declareRoute({
    method: 'GET',
    path: '/v1/settings/process-flows',
    tag,
    summary: 'List the process flows',
    roles: ['agent'],
    query: z.strictObject(pageQuery),
    answer: pageOf(settingView(ProcessFlow)),
  }),
  get: declareRoute({
    method: 'GET',
    path: '/v1/settings/process-flows/{id}',
    tag,
    summary: 'Read a process flow',
    roles: ['agent'],
    params,
    answer: settingView(ProcessFlow),
  }),
  put: declareRoute({
    method: 'PUT',
    path: '/v1/settings/process-flows/{id}',
    tag,
    summary: 'Create or replace a process flow',
    description: 'Cases keep the version that they have begun.',
    roles: ['admin'],
    params,
    body: ProcessFlow,
    answer: settingView(ProcessFlow),
    refusals: ['STALE_VERSION'],
  }),
  delete: declareRoute({
    method: 'DELETE',
    path: '/v1/settings/process-flows/{id}',
    tag,
    summary: 'Remove a process flow; cases that have begun it go on',
    roles: ['admin'],
    params,
    answer: Deleted,
    refusals: ['STALE_VERSION'],
  }),
};

/** The routes by which a case goes through its stages. */
export const caseStageRoutes = {
  read: declareRoute({
    method: 'GET',
    path: '/v1/cases/{caseId}/stage',
    tag,
    summary: 'The stages of a case’s process flow, and what each still needs',
    roles: ['agent', 'integration'],
    params: ofCase,
    answer: CaseStages,
  }),
  move: declareRoute({
    method: 'POST',
    path: '/v1/cases/{caseId}/stage',
    tag,
    summary: 'Tick off steps of a case’s stage, and take it on or back',
    description:
      'Forwards every stage on the way must be complete. A case without a flow begins the one that is for it now.',
    roles: ['agent'],
    params: ofCase,
    body: MoveStage,
    answer: CaseView,
    refusals: ['CASE_NOT_ACTIVE', 'STAGE_INCOMPLETE'],
  }),
};
