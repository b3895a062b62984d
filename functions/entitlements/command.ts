import type { Customer } from '../../domain/customers/customer.ts';
import type { Made } from '../../domain/entitlements/create-entitlement.ts';
import { asDefault } from '../../domain/entitlements/default-entitlement.ts';
import type { Entitlement, Moving } from '../../domain/entitlements/entitlement.ts';
import { whyNotPermitted } from '../../domain/entitlements/lifecycle.ts';
import { type Decision, refuse } from '../../domain/refusal.ts';
import { DEFAULT_CASE_SETTINGS } from '../../domain/settings/case-settings.ts';
import { THE_CASE_SETTINGS } from '../../domain/settings/kinds.ts';
import type { Instant } from '../../domain/time.ts';
import { dateIn, type LocalDate } from '../../domain/time-zone.ts';
import type { Outcome, Request } from '../api/api.ts';
import { idempotently } from '../idempotently.ts';
import type { Services } from '../services.ts';
import type { MovedBy } from '../table/entitlement-items.ts';
import { answerItem } from '../table/idempotency.ts';
import { Transaction } from '../table/transaction.ts';
import { viewEntitlement } from './entitlement-view.ts';

export type EntitlementServices = Pick<
  Services,
  'table' | 'entitlements' | 'customers' | 'settings' | 'ids' | 'now' | 'backOff'
>;
export type EntitlementRequest<Body = unknown> = Request<{ id: string }, unknown, Body>;

/** The day that it is where the organisation is. */
export const todayOf = async ({ settings }: Pick<Services, 'settings'>, now: Instant): Promise<LocalDate> => {
  const { document } = (await settings.caseSettings.find(THE_CASE_SETTINGS)) ?? { document: DEFAULT_CASE_SETTINGS };
  return dateIn(document.timeZone, now);
};

/** An entitlement as a command found it. */
export interface Loaded {
  entitlement: Entitlement;
  customer: Customer;
  today: LocalDate;
  made: Made;
}

/** What a command leads to; `before` is absent when the entitlement is new. */
export interface EntitlementChange {
  before?: Entitlement;
  after: Entitlement;
  /** A movement by hand; `after` shows the balance behind it. */
  movement?: Moving;
  isDefault?: boolean;
}

/** The way of every command on an entitlement that exists: load → decide → commit, as for cases. */
export const commandOnEntitlement = <Body>(
  services: EntitlementServices,
  request: EntitlementRequest<Body>,
  decide: (loaded: Loaded) => Decision<EntitlementChange> | Promise<Decision<EntitlementChange>>,
  { status = 200 }: { status?: number } = {},
): Promise<Outcome> =>
  idempotently(services, request.idempotent, async () => {
    const { params, ifMatch, caller } = request;
    const entitlement = await services.entitlements.find(params.id);
    const customer = entitlement && (await services.customers.find(entitlement.customerId));
    if (!entitlement || !customer) return refuse('NOT_FOUND', `There is no entitlement ${params.id}`);
    if (ifMatch !== undefined && ifMatch !== entitlement.version) {
      return refuse('STALE_VERSION', `The entitlement is at version ${entitlement.version}`);
    }
    const now = services.now();
    const today = await todayOf(services, now);
    const made = { by: caller.userId, now };
    const decision = await decide({ entitlement, customer, today, made });
    if (!decision.accepted) return decision;
    return commitEntitlement(services, request, decision.value, { customer, today, now, status });
  });

/** Commits a change together with the answer to the request; one that changes nothing writes nothing but the answer. */
export const commitEntitlement = async (
  services: EntitlementServices,
  { caller, idempotent }: Pick<Request<unknown, unknown, unknown>, 'caller' | 'idempotent'>,
  { before, after, movement, isDefault }: EntitlementChange,
  { customer, today, now, status }: { customer: Customer; today: LocalDate; now: Instant; status: number },
): Promise<Outcome> => {
  const { entitlements, table } = services;
  const by: MovedBy = { actor: caller.userId, cause: 'user', now };
  const transaction = new Transaction();
  if (!before) entitlements.create(transaction, after, by);
  else if (movement) entitlements.adjust(transaction, before, movement, by);
  else if (after !== before) entitlements.update(transaction, before, after, by);

  const was = customer.defaultEntitlement;
  const { entitlementId } = after;
  let next = was;
  if (isDefault && was?.entitlementId !== entitlementId) {
    const refusal = whyNotPermitted(after, 'makeDefault', today);
    if (refusal) return refusal;
    const present = was && (await entitlements.find(was.entitlementId));
    next = asDefault(after, was && present && { set: was, entitlement: present }, today);
  }
  if (isDefault === false && was?.entitlementId === entitlementId) next = undefined;
  if (next !== was) entitlements.setDefault(transaction, customer, next);

  const body = viewEntitlement(after, { defaultEntitlement: next }, today);
  if (idempotent) transaction.create(answerItem(idempotent, status, body, now));
  if (transaction.size > 0) await table.transact(transaction);
  return { accepted: true, status, body };
};
