import type { Case } from '../../domain/cases/case.ts';
import type { CaseFile, Rules } from '../../domain/cases/case-file.ts';
import type { PatchCase } from '../../domain/cases/patch-case.ts';
import type { Customer } from '../../domain/customers/customer.ts';
import {
  type Choice,
  type Covered,
  chooseEntitlement,
  whyNotCovered,
} from '../../domain/entitlements/choose-entitlement.ts';
import { hasBegun } from '../../domain/entitlements/default-entitlement.ts';
import type { Entitlement } from '../../domain/entitlements/entitlement.ts';
import { accept, type Decision, invalid } from '../../domain/refusal.ts';
import type { Instant } from '../../domain/time.ts';
import { dateIn, type LocalDate } from '../../domain/time-zone.ts';
import type { KnownCustomer } from '../references.ts';
import type { Services } from '../services.ts';

type EntitlementServices = Pick<Services, 'entitlements'>;
type Chosen = Decision<Entitlement | undefined>;

/** What the choice of a case's entitlement rests on. */
interface Choosing extends Pick<Case, 'contactId' | 'product' | 'origin'>, KnownCustomer {
  rules: Pick<Rules, 'caseSettings'>;
  /** When the case comes under it. */
  at: Instant;
}

/** The entitlement that a new case comes under: the one that it names, or its customer's default. */
export const entitlementOfNewCase = async (
  services: EntitlementServices,
  entitlementId: string | undefined,
  choosing: Choosing,
): Promise<Chosen> => (entitlementId ? named(services, entitlementId, choosing) : byDefault(services, choosing));

/**
 * The entitlement that a case is under after an edit. Another customer is another's matter: what the case was under is
 * left, and the new customer's default taken. What only changes contact, product or channel must still be covered.
 */
export const entitlementAfterEdit = async (
  services: EntitlementServices,
  file: CaseFile,
  { entitlementId, customerId }: PatchCase,
  choosing: Choosing,
): Promise<Chosen> => {
  const { case: subject, entitlement: present } = file;
  if (subject.status !== 'active') return accept(present);
  const isMoved = customerId !== undefined && customerId !== subject.customerId;
  if (entitlementId === null) return chooseEntitlement(choiceOf(choosing, { defaults: [] }));
  if (entitlementId && (isMoved || entitlementId !== subject.entitlementId)) {
    return named(services, entitlementId, choosing);
  }
  if (isMoved) return byDefault(services, choosing);
  const isAsBefore = (['contactId', 'product', 'origin'] as const).every((one) => choosing[one] === subject[one]);
  if (!present || isAsBefore) return accept(present);
  return whyNotCovered(present, coveredBy(choosing)) ?? accept(present);
};

const coveredBy = ({ customer, contactId, product, origin }: Choosing): Covered => ({
  customer,
  contactId,
  product,
  origin,
});

const dayOf = ({ rules, at }: Choosing): LocalDate => dateIn(rules.caseSettings.timeZone, at);

const choiceOf = (choosing: Choosing, from: Pick<Choice, 'named' | 'defaults'>): Choice => ({
  ...from,
  covered: { ...coveredBy(choosing), on: dayOf(choosing) },
  isRequired: choosing.rules.caseSettings.entitlementRequired,
});

const named = async ({ entitlements }: EntitlementServices, id: string, choosing: Choosing): Promise<Chosen> => {
  const found = await entitlements.find(id);
  if (!found) return invalid('entitlementId', `there is no entitlement ${id}`);
  return chooseEntitlement(choiceOf(choosing, { named: found, defaults: [] }));
};

const byDefault = async (services: EntitlementServices, choosing: Choosing): Promise<Chosen> => {
  const { customer, account } = choosing;
  const owners = [customer, ...(account ? [account] : [])];
  const defaults = await Promise.all(owners.map((owner) => defaultsOf(services, owner, dayOf(choosing))));
  return chooseEntitlement(choiceOf(choosing, { defaults: defaults.flat() }));
};

/** A customer's default, with the one that stands in for it until it begins. */
const defaultsOf = async (
  { entitlements }: EntitlementServices,
  { defaultEntitlement }: Customer,
  day: LocalDate,
): Promise<Entitlement[]> => {
  if (!defaultEntitlement) return [];
  const { entitlementId, untilThen } = defaultEntitlement;
  const set = await entitlements.find(entitlementId);
  const before = set && untilThen && !hasBegun(set, day) ? await entitlements.find(untilThen) : undefined;
  return [set, before].flatMap((one) => one ?? []);
};
