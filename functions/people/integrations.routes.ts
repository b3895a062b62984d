import { z } from 'zod';
import { Integration } from '../../domain/people/integration.ts';
import { UserId } from '../../domain/people/user.ts';
import { declareRoute, pageOf, pageQuery } from '../api/route.ts';
import { Deleted, settingView } from '../settings/documents.ts';

const params = z.object({ id: UserId });
const tag = 'People';

/** The routes by which administrators hold machine clients to customers. */
export const integrationRoutes = {
  list: declareRoute({
    method: 'GET',
    path: '/v1/settings/integrations',
    tag,
    summary: 'List the machine clients that are held to customers',
    roles: ['admin'],
    query: z.strictObject(pageQuery),
    answer: pageOf(settingView(Integration)),
  }),
  get: declareRoute({
    method: 'GET',
    path: '/v1/settings/integrations/{id}',
    tag,
    summary: 'Read what a machine client is held to',
    roles: ['admin'],
    params,
    answer: settingView(Integration),
  }),
  put: declareRoute({
    method: 'PUT',
    path: '/v1/settings/integrations/{id}',
    tag,
    summary: 'Hold a machine client to customers',
    description:
      '`id` is its `client_id`. It opens cases of these customers only, and for all others there are none. Holds from the answer on.',
    roles: ['admin'],
    params,
    body: Integration,
    answer: settingView(Integration),
    refusals: ['STALE_VERSION'],
  }),
  delete: declareRoute({
    method: 'DELETE',
    path: '/v1/settings/integrations/{id}',
    tag,
    summary: 'Let a machine client have to do with every customer again',
    roles: ['admin'],
    params,
    answer: Deleted,
    refusals: ['STALE_VERSION'],
  }),
};
