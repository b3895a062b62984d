import { z } from 'zod';
import { Slug } from '../../domain/cases/case.ts';
import { CaseTemplate } from '../../domain/templates/case-template.ts';
import { declareRoute, pageOf, pageQuery } from '../api/route.ts';
import { CaseView } from '../cases/case-view.ts';
import { Deleted } from '../settings/documents.ts';
import { CaseTemplateView } from './case-templates.ts';

const path = '/v1/settings/case-templates/{id}';
const params = z.object({ id: Slug });
const tag = 'Case templates';

/** The routes of case templates: supervisors keep them, every agent may use them. */
export const templateRoutes = {
  list: declareRoute({
    method: 'GET',
    path: '/v1/settings/case-templates',
    tag,
    summary: 'List the case templates',
    roles: ['agent'],
    query: z.strictObject(pageQuery),
    answer: pageOf(CaseTemplateView),
  }),
  get: declareRoute({
    method: 'GET',
    path,
    tag,
    summary: 'Read a case template, and how far its schedule has come',
    roles: ['agent'],
    params,
    answer: CaseTemplateView,
  }),
  put: declareRoute({
    method: 'PUT',
    path,
    tag,
    summary: 'Create or replace a case template',
    roles: ['supervisor'],
    params,
    body: CaseTemplate,
    answer: CaseTemplateView,
    refusals: ['STALE_VERSION'],
  }),
  delete: declareRoute({
    method: 'DELETE',
    path,
    tag,
    summary: 'Remove a case template; its cases stay',
    roles: ['supervisor'],
    params,
    answer: Deleted,
    refusals: ['STALE_VERSION'],
  }),
  run: declareRoute({
    method: 'POST',
    path: '/v1/settings/case-templates/{id}/run',
    tag,
    summary: 'Open a case by a template now',
    roles: ['agent'],
    params,
    answer: CaseView,
    status: 201,
  }),
};
