import { z } from 'zod';
import { ReasonId, StatusReason, Transitions } from '../../domain/cases/status-reasons.ts';
import { declareRoute, pageOf, pageQuery } from '../api/route.ts';
import { Deleted, settingView } from '../settings/documents.ts';
import { DryRun, DryRunResult } from './dry-run.ts';
import { UnusedQuery, UnusedReasons } from './unused-reasons.ts';

const params = z.object({ id: ReasonId });
const warnings = z.array(z.string()).describe('What is allowed and yet deserves a thought');

/** The routes of status reasons and of the graph between them: agents read them, admins change them. */
export const statusRoutes = {
  listReasons: declareRoute({
    method: 'GET',
    path: '/v1/settings/status-reasons',
    tag: 'Statuses',
    summary: 'List the status reasons',
    roles: ['agent'],
    query: z.strictObject(pageQuery),
    answer: pageOf(settingView(StatusReason)),
  }),
  unusedReasons: declareRoute({
    method: 'GET',
    path: '/v1/settings/status-reasons/unused',
    tag: 'Statuses',
    summary: 'The status reasons to which no case has moved for some time',
    roles: ['supervisor'],
    query: UnusedQuery,
    answer: UnusedReasons,
  }),
  getReason: declareRoute({
    method: 'GET',
    path: '/v1/settings/status-reasons/{id}',
    tag: 'Statuses',
    summary: 'Read a status reason',
    roles: ['agent'],
    params,
    answer: settingView(StatusReason),
  }),
  putReason: declareRoute({
    method: 'PUT',
    path: '/v1/settings/status-reasons/{id}',
    tag: 'Statuses',
    summary: 'Create or replace a status reason',
    description: 'Its status stays as it is. Under a graph of your own, save it disabled, draw it in, then enable it.',
    roles: ['admin'],
    params,
    body: StatusReason,
    answer: settingView(StatusReason).extend({ warnings }),
    refusals: ['GRAPH_DEAD_END', 'IN_USE', 'STALE_VERSION'],
  }),
  deleteReason: declareRoute({
    method: 'DELETE',
    path: '/v1/settings/status-reasons/{id}',
    tag: 'Statuses',
    summary: 'Remove a status reason in which no case stands and which nothing names',
    roles: ['admin'],
    params,
    answer: Deleted,
    refusals: ['IN_USE'],
  }),
  getTransitions: declareRoute({
    method: 'GET',
    path: '/v1/settings/transitions',
    tag: 'Statuses',
    summary: 'Read which reason may follow which',
    description: 'At version 0 nobody has drawn a graph: it follows the reasons that there are.',
    roles: ['agent'],
    answer: settingView(Transitions),
  }),
  putTransitions: declareRoute({
    method: 'PUT',
    path: '/v1/settings/transitions',
    tag: 'Statuses',
    summary: 'Replace which reason may follow which',
    roles: ['admin'],
    body: Transitions,
    answer: settingView(Transitions).extend({ warnings }),
    refusals: ['GRAPH_DEAD_END', 'STALE_VERSION'],
  }),
  dryRunTransitions: declareRoute({
    method: 'POST',
    path: '/v1/settings/transitions/dry-run',
    tag: 'Statuses',
    summary: 'Ask a graph how much of what has happened it would have refused',
    description: 'Changes nothing. Each answer covers some cases; add them up over `nextCursor`.',
    roles: ['admin'],
    body: DryRun,
    answer: DryRunResult,
  }),
};
