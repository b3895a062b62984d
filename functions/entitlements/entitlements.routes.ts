import { z } from 'zod';
import { CustomerId } from '../../domain/customers/customer.ts';
import { AdjustEntitlement } from '../../domain/entitlements/adjust-entitlement.ts';
import { CreateEntitlement } from '../../domain/entitlements/create-entitlement.ts';
import { PatchEntitlement, ReplaceEntitlement } from '../../domain/entitlements/edit-entitlement.ts';
import { Movement } from '../../domain/entitlements/entitlement.ts';
import { EntitlementId } from '../../domain/entitlements/entitlement-id.ts';
import { EntitlementStatus } from '../../domain/entitlements/lifecycle.ts';
import { declareRoute, pageOf, pageQuery } from '../api/route.ts';
import { EntitlementView } from './entitlement-view.ts';

const tag = 'Entitlements';
const agents = ['agent'] as const;
const supervisors = ['supervisor'] as const;
const params = z.object({ id: EntitlementId });
const ofCustomer = z.object({ customerId: CustomerId });
const edits = ['ENTITLEMENT_READ_ONLY', 'TRANSITION_NOT_ALLOWED', 'STALE_VERSION'] as const;
const moves = ['TRANSITION_NOT_ALLOWED', 'STALE_VERSION'] as const;

/** The routes of entitlements: supervisors grant them, agents read them. */
export const entitlementRoutes = {
  create: declareRoute({
    method: 'POST',
    path: '/v1/entitlements',
    tag,
    summary: 'Draft an entitlement',
    roles: supervisors,
    body: CreateEntitlement,
    answer: EntitlementView,
    status: 201,
  }),
  createOfCustomer: declareRoute({
    method: 'POST',
    path: '/v1/customers/{customerId}/entitlements',
    tag,
    summary: 'Draft an entitlement of a customer',
    roles: supervisors,
    params: ofCustomer,
    body: CreateEntitlement.partial({ customerId: true }).meta({ id: 'CreateEntitlementOfCustomer' }),
    answer: EntitlementView,
    status: 201,
  }),
  list: declareRoute({
    method: 'GET',
    path: '/v1/customers/{customerId}/entitlements',
    tag,
    summary: 'List a customer’s entitlements, the newest first',
    roles: agents,
    params: ofCustomer,
    query: z.strictObject({ ...pageQuery, status: EntitlementStatus.optional() }),
    answer: pageOf(EntitlementView),
  }),
  get: declareRoute({
    method: 'GET',
    path: '/v1/entitlements/{id}',
    tag,
    summary: 'Read an entitlement',
    roles: agents,
    params,
    answer: EntitlementView,
  }),
  put: declareRoute({
    method: 'PUT',
    path: '/v1/entitlements/{id}',
    tag,
    summary: 'Replace the terms of a draft',
    roles: supervisors,
    params,
    body: ReplaceEntitlement,
    answer: EntitlementView,
    refusals: edits,
  }),
  patch: declareRoute({
    method: 'PATCH',
    path: '/v1/entitlements/{id}',
    tag,
    summary: 'Edit the terms of a draft',
    roles: supervisors,
    params,
    body: PatchEntitlement,
    answer: EntitlementView,
    refusals: edits,
  }),
  activate: declareRoute({
    method: 'POST',
    path: '/v1/entitlements/{id}/activate',
    tag,
    summary: 'Put a draft into force',
    description: 'It waits for its first day, is active, and expires after its last one, all by itself.',
    roles: supervisors,
    params,
    answer: EntitlementView,
    refusals: moves,
  }),
  deactivate: declareRoute({
    method: 'POST',
    path: '/v1/entitlements/{id}/deactivate',
    tag,
    summary: 'Make an entitlement a draft again, to edit it',
    roles: supervisors,
    params,
    answer: EntitlementView,
    refusals: moves,
  }),
  cancel: declareRoute({
    method: 'POST',
    path: '/v1/entitlements/{id}/cancel',
    tag,
    summary: 'Cancel an entitlement',
    roles: supervisors,
    params,
    answer: EntitlementView,
    refusals: moves,
  }),
  renew: declareRoute({
    method: 'POST',
    path: '/v1/entitlements/{id}/renew',
    tag,
    summary: 'Draft the same again, from today and for as long',
    roles: supervisors,
    params,
    answer: EntitlementView,
    status: 201,
    refusals: moves,
  }),
  adjust: declareRoute({
    method: 'POST',
    path: '/v1/entitlements/{id}/adjust',
    tag,
    summary: 'Move a balance by hand',
    roles: supervisors,
    params,
    body: AdjustEntitlement,
    answer: EntitlementView,
    refusals: moves,
  }),
  movements: declareRoute({
    method: 'GET',
    path: '/v1/entitlements/{id}/movements',
    tag,
    summary: 'Every movement of a balance, the newest first',
    roles: agents,
    params,
    query: z.strictObject(pageQuery),
    answer: pageOf(Movement),
  }),
};
