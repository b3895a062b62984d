import { z } from 'zod';
import { Activity } from '../../domain/activities/activity.ts';
import { AddActivity } from '../../domain/activities/add-activity.ts';
import { EditActivity } from '../../domain/activities/edit-activity.ts';
import { MoveActivity } from '../../domain/activities/move-activity.ts';
import { RedactActivity } from '../../domain/activities/redact-activity.ts';
import { AssignCase } from '../../domain/cases/assign-case.ts';
import { CancelCase } from '../../domain/cases/cancel-case.ts';
import { CaseId } from '../../domain/cases/case.ts';
import { CreateCase } from '../../domain/cases/create-case.ts';
import { PatchCase } from '../../domain/cases/patch-case.ts';
import { ResolveCase } from '../../domain/cases/resolve-case.ts';
import { AttachChild } from '../../domain/hierarchy/attach-child.ts';
import { RouteCase } from '../../domain/routing/route-case.ts';
import { AcknowledgeBreach } from '../../domain/sla/acknowledge-breach.ts';
import { KpiName } from '../../domain/sla/sla.ts';
import { RecordedActivity } from '../activities/change-activities.ts';
import { declareRoute, pageOf, pageQuery } from '../api/route.ts';
import { CaseFilter } from './case-filter.ts';
import { CaseView } from './case-view.ts';
import { CasePage } from './list-cases.ts';
import { AuditEntry, Children, Resolutions, SlaView, TimelineEntry } from './read-case.ts';

const params = z.object({ caseId: CaseId });
const paging = z.strictObject(pageQuery);
const agents = ['agent'] as const;
const agentsAndIntegrations = ['agent', 'integration'] as const;
const closed = [
  'CASE_NOT_ACTIVE',
  'OPEN_ACTIVITIES',
  'ACTIVE_CHILDREN',
  'TRANSITION_NOT_ALLOWED',
  'REASON_DISABLED',
] as const;

const entitled = ['ENTITLEMENT_REQUIRED', 'ENTITLEMENT_NOT_VALID', 'ENTITLEMENT_EXHAUSTED'] as const;

/** The routes of cases. */
export const caseRoutes = {
  create: declareRoute({
    method: 'POST',
    path: '/v1/cases',
    tag: 'Cases',
    summary: 'Create a case',
    roles: agentsAndIntegrations,
    body: CreateCase,
    answer: CaseView,
    status: 201,
    refusals: [
      'CHILD_OF_CHILD',
      'CHILD_LIMIT',
      'PARENT_NOT_ACTIVE',
      'CHANNEL_CANNOT_INITIATE',
      'CUSTOMER_ERASED',
      ...entitled,
    ],
  }),
  list: declareRoute({
    method: 'GET',
    path: '/v1/cases',
    tag: 'Cases',
    summary: 'List cases',
    roles: agentsAndIntegrations,
    query: CaseFilter,
    answer: CasePage,
  }),
  get: declareRoute({
    method: 'GET',
    path: '/v1/cases/{caseId}',
    tag: 'Cases',
    summary: 'Read a case',
    roles: agentsAndIntegrations,
    params,
    answer: CaseView,
  }),
  patch: declareRoute({
    method: 'PATCH',
    path: '/v1/cases/{caseId}',
    tag: 'Cases',
    summary: 'Edit a case',
    roles: agents,
    params,
    body: PatchCase,
    answer: CaseView,
    refusals: ['CASE_NOT_ACTIVE', 'TRANSITION_NOT_ALLOWED', 'REASON_DISABLED', 'CUSTOMER_ERASED', ...entitled],
  }),
  resolve: declareRoute({
    method: 'POST',
    path: '/v1/cases/{caseId}/resolve',
    tag: 'Cases',
    summary: 'Resolve a case',
    roles: agents,
    params,
    body: ResolveCase,
    answer: CaseView,
    refusals: ['ALREADY_RESOLVED', 'ENTITLEMENT_EXHAUSTED', ...closed],
  }),
  cancel: declareRoute({
    method: 'POST',
    path: '/v1/cases/{caseId}/cancel',
    tag: 'Cases',
    summary: 'Cancel a case',
    roles: agents,
    params,
    body: CancelCase,
    answer: CaseView,
    refusals: closed,
  }),
  reactivate: declareRoute({
    method: 'POST',
    path: '/v1/cases/{caseId}/reactivate',
    tag: 'Cases',
    summary: 'Make a closed case active again',
    roles: agents,
    params,
    answer: CaseView,
    refusals: ['ALREADY_ACTIVE', 'TRANSITION_NOT_ALLOWED', 'PARENT_CLOSED', 'ENTITLEMENT_EXHAUSTED'],
  }),
  assign: declareRoute({
    method: 'POST',
    path: '/v1/cases/{caseId}/assign',
    tag: 'Cases',
    summary: 'Give a case to an owner, or take it from the one it has',
    roles: agents,
    params,
    body: AssignCase,
    answer: CaseView,
    refusals: ['CASE_NOT_ACTIVE'],
  }),
  route: declareRoute({
    method: 'POST',
    path: '/v1/cases/{caseId}/route',
    tag: 'Cases',
    summary: 'Route a case to a queue, or by the rules',
    roles: agents,
    params,
    body: RouteCase,
    answer: CaseView,
    refusals: ['CASE_NOT_ACTIVE'],
  }),
  resolutions: declareRoute({
    method: 'GET',
    path: '/v1/cases/{caseId}/resolutions',
    tag: 'Cases',
    summary: 'Every resolution over reopenings',
    roles: agentsAndIntegrations,
    params,
    answer: Resolutions,
  }),
  attach: declareRoute({
    method: 'PUT',
    path: '/v1/cases/{caseId}/parent',
    tag: 'Parents and children',
    summary: 'Make a case a child of another',
    roles: agents,
    params,
    body: AttachChild,
    answer: CaseView,
    refusals: [
      'CASE_NOT_ACTIVE',
      'ALREADY_HAS_PARENT',
      'PARENT_AS_CHILD',
      'CHILD_OF_CHILD',
      'CHILD_LIMIT',
      'PARENT_NOT_ACTIVE',
    ],
  }),
  detach: declareRoute({
    method: 'DELETE',
    path: '/v1/cases/{caseId}/parent',
    tag: 'Parents and children',
    summary: 'Make a child stand alone',
    roles: agents,
    params,
    answer: CaseView,
    refusals: ['CASE_NOT_ACTIVE'],
  }),
  children: declareRoute({
    method: 'GET',
    path: '/v1/cases/{caseId}/children',
    tag: 'Parents and children',
    summary: 'A parent’s children, with what the last cascade and the last broadcast did with each',
    roles: agentsAndIntegrations,
    params,
    query: paging,
    answer: Children,
  }),
  addActivity: declareRoute({
    method: 'POST',
    path: '/v1/cases/{caseId}/activities',
    tag: 'Activities',
    summary: 'Record what was done, or is to be done',
    description:
      'Recording is not sending: nothing leaves by it. A customer’s message on a closed case does what the case’s queue says: it reopens the case, or lands on another; `landing` tells.',
    roles: agentsAndIntegrations,
    params,
    body: AddActivity,
    answer: RecordedActivity,
    status: 201,
    refusals: ['CASE_NOT_ACTIVE', 'TOO_MANY_OPEN_ACTIVITIES'],
  }),
  editActivity: declareRoute({
    method: 'PATCH',
    path: '/v1/cases/{caseId}/activities/{activityId}',
    tag: 'Activities',
    summary: 'Edit an activity, or complete it',
    roles: agents,
    params: params.extend({ activityId: z.uuid() }),
    body: EditActivity,
    answer: Activity,
    refusals: ['CASE_NOT_ACTIVE', 'TOO_MANY_OPEN_ACTIVITIES'],
  }),
  redactActivity: declareRoute({
    method: 'POST',
    path: '/v1/cases/{caseId}/activities/{activityId}/redact',
    tag: 'Activities',
    summary: 'Take subject and text from an activity, for good',
    description: 'Also from what was edited in it before. On closed cases too.',
    roles: ['supervisor'],
    params: params.extend({ activityId: z.uuid() }),
    body: RedactActivity,
    answer: Activity,
  }),
  moveActivity: declareRoute({
    method: 'POST',
    path: '/v1/cases/{caseId}/activities/{activityId}/move',
    tag: 'Activities',
    summary: 'Move an activity that landed on the wrong case',
    description: 'It keeps its time and author. Clocks do not turn back.',
    roles: agents,
    params: params.extend({ activityId: z.uuid() }),
    body: MoveActivity,
    answer: Activity,
    refusals: ['CASE_NOT_ACTIVE', 'TOO_MANY_OPEN_ACTIVITIES'],
  }),
  timeline: declareRoute({
    method: 'GET',
    path: '/v1/cases/{caseId}/timeline',
    tag: 'Activities',
    summary: 'What happened, in order',
    roles: agentsAndIntegrations,
    params,
    query: paging,
    answer: pageOf(TimelineEntry),
  }),
  audit: declareRoute({
    method: 'GET',
    path: '/v1/cases/{caseId}/audit',
    tag: 'Activities',
    summary: 'Who changed what, when and why',
    roles: agents,
    params,
    query: paging,
    answer: pageOf(AuditEntry),
  }),
  sla: declareRoute({
    method: 'GET',
    path: '/v1/cases/{caseId}/sla',
    tag: 'SLA',
    summary: 'A case’s clocks, and why each deadline is what it is',
    roles: agentsAndIntegrations,
    params,
    answer: SlaView,
  }),
  acknowledge: declareRoute({
    method: 'POST',
    path: '/v1/cases/{caseId}/sla/{kpi}/acknowledge',
    tag: 'SLA',
    summary: 'Answer for a breach',
    description: 'The last breach of the KPI, of an open or a closed case. Answering again corrects the answer.',
    roles: agents,
    params: params.extend({ kpi: KpiName }),
    body: AcknowledgeBreach,
    answer: SlaView,
    refusals: ['CASE_NOT_ACTIVE'],
  }),
};
