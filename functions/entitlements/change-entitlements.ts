import {
  type AdjustEntitlement,
  adjustEntitlement as decideAdjust,
} from '../../domain/entitlements/adjust-entitlement.ts';
import { changeState, type StateChange } from '../../domain/entitlements/change-state.ts';
import {
  type CreateEntitlement,
  createEntitlement as decideCreate,
} from '../../domain/entitlements/create-entitlement.ts';
import {
  editEntitlement,
  type PatchEntitlement,
  patchedTerms,
  type ReplaceEntitlement,
} from '../../domain/entitlements/edit-entitlement.ts';
import { type EntitlementTerms, moved } from '../../domain/entitlements/entitlement.ts';
import { renewEntitlement as decideRenew } from '../../domain/entitlements/renew-entitlement.ts';
import { accept, type Decision, invalid, type Refusal } from '../../domain/refusal.ts';
import type { Outcome, Request } from '../api/api.ts';
import { idempotently } from '../idempotently.ts';
import { findCustomer } from '../references.ts';
import {
  commandOnEntitlement,
  commitEntitlement,
  type EntitlementChange,
  type EntitlementRequest,
  type EntitlementServices,
  type Loaded,
  todayOf,
} from './command.ts';

/** Creates an entitlement. */
export const createEntitlement = (
  services: EntitlementServices,
  request: Request<unknown, unknown, CreateEntitlement>,
): Promise<Outcome> =>
  idempotently(services, request.idempotent, async () => {
    const { body, caller } = request;
    const customer = await findCustomer(services, body.customerId);
    if (!customer.accepted) return customer;
    const refusal = await whyNotGranted(services, body.customerId, body);
    if (refusal) return refusal;
    const now = services.now();
    const decision = decideCreate(body, services.ids.at(now), { by: caller.userId, now });
    if (!decision.accepted) return decision;
    const change = { after: decision.value, isDefault: body.isDefault };
    const today = await todayOf(services, now);
    return commitEntitlement(services, request, change, { customer: customer.value, today, now, status: 201 });
  });

/** Creates an entitlement of the customer in the path; the body need not name them again. */
export const createEntitlementOf = async (
  services: EntitlementServices,
  {
    params,
    body,
    ...request
  }: Request<
    { customerId: string },
    unknown,
    Omit<CreateEntitlement, 'customerId'> & Partial<Pick<CreateEntitlement, 'customerId'>>
  >,
): Promise<Outcome> =>
  body.customerId && body.customerId !== params.customerId
    ? invalid('customerId', 'is not the one of the path')
    : createEntitlement(services, { ...request, params, body: { ...body, ...params } });

/** Replaces the terms of a draft. */
export const putEntitlement = (
  services: EntitlementServices,
  request: EntitlementRequest<ReplaceEntitlement>,
): Promise<Outcome> => {
  const { customerId, isDefault, ...terms } = request.body;
  return commandOnEntitlement(services, request, (loaded) =>
    edited(services, loaded, terms, { customerId, isDefault }),
  );
};

/** Edits the terms of a draft. */
export const patchEntitlement = (
  services: EntitlementServices,
  request: EntitlementRequest<PatchEntitlement>,
): Promise<Outcome> => {
  const { customerId, isDefault, ...patch } = request.body;
  return commandOnEntitlement(services, request, (loaded) =>
    edited(services, loaded, patchedTerms(loaded.entitlement, patch), { customerId, isDefault }),
  );
};

const edited = async (
  services: EntitlementServices,
  { entitlement, today, made }: Loaded,
  terms: EntitlementTerms,
  { customerId, isDefault }: Pick<PatchEntitlement, 'customerId' | 'isDefault'>,
): Promise<Decision<EntitlementChange>> => {
  if (customerId && customerId !== entitlement.customerId) return invalid('customerId', 'cannot change');
  const decision = editEntitlement(entitlement, terms, today, made);
  if (!decision.accepted) return decision;
  const after = decision.value;
  const refusal = after === entitlement ? undefined : await whyNotGranted(services, entitlement.customerId, terms);
  return refusal ?? accept({ before: entitlement, after, isDefault });
};

/** What terms refer to must be there, and the contacts must be the customer's. */
const whyNotGranted = async (
  { settings, customers }: EntitlementServices,
  customerId: string,
  { slaId, contacts = [] }: EntitlementTerms,
): Promise<Refusal | undefined> => {
  if (slaId && !(await settings.slas.find(slaId))) return invalid('slaId', `there is no SLA ${slaId}`);
  const found = await Promise.all(contacts.map((id) => customers.find(id)));
  const stranger = found.findIndex((contact) => contact?.parentId !== customerId && contact?.customerId !== customerId);
  return stranger < 0
    ? undefined
    : invalid(`contacts.${stranger}`, `${contacts[stranger]} is no contact of ${customerId}`);
};

/** Activates, deactivates or cancels an entitlement. */
export const changeEntitlementState = (
  services: EntitlementServices,
  request: EntitlementRequest,
  command: StateChange,
): Promise<Outcome> =>
  commandOnEntitlement(services, request, ({ entitlement: before, today, made }) => {
    const decision = changeState(before, command, today, made);
    return decision.accepted ? accept({ before, after: decision.value }) : decision;
  });

/** Renews an entitlement; answers the new one. The renewal of a customer's default is the default. */
export const renewEntitlement = (services: EntitlementServices, request: EntitlementRequest): Promise<Outcome> =>
  commandOnEntitlement(
    services,
    request,
    ({ entitlement, customer, today, made }) => {
      const decision = decideRenew(entitlement, services.ids.at(made.now), today, made);
      if (!decision.accepted) return decision;
      const wasDefault = customer.defaultEntitlement?.entitlementId === entitlement.entitlementId;
      return accept({ after: decision.value, ...(wasDefault && { isDefault: true }) });
    },
    { status: 201 },
  );

/** Moves a balance by hand. */
export const adjustEntitlement = (
  services: EntitlementServices,
  request: EntitlementRequest<AdjustEntitlement>,
): Promise<Outcome> =>
  commandOnEntitlement(services, request, ({ entitlement: before, today }) => {
    const decision = decideAdjust(before, request.body, today);
    if (!decision.accepted) return decision;
    return accept({ before, after: moved(before, decision.value), movement: decision.value });
  });
