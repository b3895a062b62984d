import { z } from 'zod';
import { CaseId, OwnerId, Slug } from '../../domain/cases/case.ts';
import { Queue } from '../../domain/queues/queue.ts';
import { declareRoute, pageOf, pageQuery } from '../api/route.ts';
import { CaseFilter } from '../cases/case-filter.ts';
import { CaseView } from '../cases/case-view.ts';
import { Deleted, settingView } from '../settings/documents.ts';
import { Member, PutMembers } from './members.ts';

const params = z.object({ id: Slug });
const member = z.object({ queueId: Slug, memberId: OwnerId });
const item = z.object({ queueId: Slug, caseId: CaseId });

/** The routes of queues: supervisors set them up, agents and integrations read them, agents work from them. */
export const queueRoutes = {
  create: declareRoute({
    method: 'POST',
    path: '/v1/queues',
    tag: 'Queues',
    summary: 'Create a queue',
    roles: ['supervisor'],
    body: Queue.extend({ id: Slug.optional() }).meta({ id: 'CreateQueue' }),
    answer: settingView(Queue),
    status: 201,
    refusals: ['IN_USE'],
  }),
  list: declareRoute({
    method: 'GET',
    path: '/v1/queues',
    tag: 'Queues',
    summary: 'List the queues',
    roles: ['agent', 'integration'],
    query: z.strictObject(pageQuery),
    answer: pageOf(settingView(Queue)),
  }),
  get: declareRoute({
    method: 'GET',
    path: '/v1/queues/{id}',
    tag: 'Queues',
    summary: 'Read a queue',
    roles: ['agent', 'integration'],
    params,
    answer: settingView(Queue),
  }),
  put: declareRoute({
    method: 'PUT',
    path: '/v1/queues/{id}',
    tag: 'Queues',
    summary: 'Create or replace a queue',
    roles: ['supervisor'],
    params,
    body: Queue,
    answer: settingView(Queue),
    refusals: ['STALE_VERSION'],
  }),
  delete: declareRoute({
    method: 'DELETE',
    path: '/v1/queues/{id}',
    tag: 'Queues',
    summary: 'Remove a queue that is empty and that no rule and no SLA names',
    roles: ['supervisor'],
    params,
    answer: Deleted,
    refusals: ['IN_USE'],
  }),
  items: declareRoute({
    method: 'GET',
    path: '/v1/queues/{queueId}/items',
    tag: 'Queues',
    summary: 'The cases of a queue: the most urgent first, then the longest waiting',
    roles: ['agent', 'integration'],
    params: z.object({ queueId: Slug }),
    query: z.strictObject({ ...pageQuery, view: CaseFilter.shape.view }),
    answer: pageOf(CaseView),
  }),
  members: declareRoute({
    method: 'GET',
    path: '/v1/queues/{queueId}/members',
    tag: 'Queues',
    summary: 'The users and teams that work in a queue',
    roles: ['agent', 'integration'],
    params: z.object({ queueId: Slug }),
    query: z.strictObject(pageQuery),
    answer: pageOf(Member),
  }),
  putMembers: declareRoute({
    method: 'PUT',
    path: '/v1/queues/{queueId}/members',
    tag: 'Queues',
    summary: 'Replace the members of a queue',
    roles: ['supervisor'],
    params: z.object({ queueId: Slug }),
    body: PutMembers,
    answer: settingView(Queue),
    refusals: ['STALE_VERSION'],
  }),
  addMember: declareRoute({
    method: 'PUT',
    path: '/v1/queues/{queueId}/members/{memberId}',
    tag: 'Queues',
    summary: 'Make a user or team a member of a queue',
    description: '`user:<id>`, `team:<id>`, or the id of a user.',
    roles: ['supervisor'],
    params: member,
    answer: settingView(Queue),
    refusals: ['STALE_VERSION'],
  }),
  removeMember: declareRoute({
    method: 'DELETE',
    path: '/v1/queues/{queueId}/members/{memberId}',
    tag: 'Queues',
    summary: 'Take a member out of a queue',
    roles: ['supervisor'],
    params: member,
    answer: settingView(Queue),
    refusals: ['STALE_VERSION'],
  }),
  pick: declareRoute({
    method: 'POST',
    path: '/v1/queues/{queueId}/items/{caseId}/pick',
    tag: 'Queues',
    summary: 'Work on a queue’s case',
    roles: ['agent'],
    params: item,
    answer: CaseView,
    refusals: ['NOT_IN_QUEUE', 'ALREADY_PICKED', 'NOT_A_MEMBER'],
  }),
  release: declareRoute({
    method: 'POST',
    path: '/v1/queues/{queueId}/items/{caseId}/release',
    tag: 'Queues',
    summary: 'Stop working on a queue’s case',
    roles: ['agent'],
    params: item,
    answer: CaseView,
    refusals: ['NOT_IN_QUEUE'],
  }),
};
