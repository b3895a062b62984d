import { z } from 'zod';
import { CustomField } from '../../domain/custom-fields/custom-field.ts';
import { CustomFieldName } from '../../domain/custom-fields/values.ts';
import { declareRoute, pageOf, pageQuery } from '../api/route.ts';
import { Deleted, settingView } from '../settings/documents.ts';

const params = z.object({ id: CustomFieldName });
const tag = 'Custom fields';

/** The routes of the fields that an organisation adds to its cases: agents read them, admins change them. */
export const customFieldRoutes = {
  list: declareRoute({
    method: 'GET',
    path: '/v1/settings/custom-fields',
    tag,
    summary: 'List the custom fields',
    roles: ['agent', 'integration'],
    query: z.strictObject(pageQuery),
    answer: pageOf(settingView(CustomField)),
  }),
  get: declareRoute({
    method: 'GET',
    path: '/v1/settings/custom-fields/{id}',
    tag,
    summary: 'Read a custom field',
    roles: ['agent', 'integration'],
    params,
    answer: settingView(CustomField),
  }),
  put: declareRoute({
    method: 'PUT',
    path: '/v1/settings/custom-fields/{id}',
    tag,
    summary: 'Create or replace a custom field',
    description: 'Its type stays as it is. Values that cases have stay too, whatever bounds and options become.',
    roles: ['admin'],
    params,
    body: CustomField,
    answer: settingView(CustomField),
    refusals: ['STALE_VERSION'],
  }),
  delete: declareRoute({
    method: 'DELETE',
    path: '/v1/settings/custom-fields/{id}',
    tag,
    summary: 'Remove a custom field that no case has ever had and nothing names',
    roles: ['admin'],
    params,
    answer: Deleted,
    refusals: ['IN_USE', 'STALE_VERSION'],
  }),
};
