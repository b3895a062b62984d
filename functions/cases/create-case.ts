import type { z } from 'zod';
import type { Caller, CaseChange, CaseFile, Rules } from '../../domain/cases/case-file.ts';
import { caseNumberOf } from '../../domain/cases/case-number.ts';
import {
  type CreateCase,
  createCase as decide,
  type NewCaseIds,
  withInheritance,
} from '../../domain/cases/create-case.ts';
import type { Customer } from '../../domain/customers/customer.ts';
import { accept, type Decision, invalid } from '../../domain/refusal.ts';
import type { SettingsHead } from '../../domain/settings/kinds.ts';
import { withClocksLeft } from '../../domain/sla/followed-change.ts';
import type { Instant } from '../../domain/time.ts';
import type { Outcome, Request } from '../api/api.ts';
import { firstUses } from '../custom-fields/first-uses.ts';
import { whyNobody } from '../custom-fields/references.ts';
import { entitlementOfNewCase } from '../entitlements/entitlement-of-case.ts';
import { rulesOfNewCase } from '../entitlements/sla-of-case.ts';
import { idempotently } from '../idempotently.ts';
import { withCustomers } from '../people/memberships.ts';
import { asParent, findOwner } from '../people/owners.ts';
import { catalogueOf, findCustomerOfCase, findQueue, findSubjectPath, withAccount } from '../references.ts';
import { withFirstMessage } from '../replies/first-message.ts';
import type { Services } from '../services.ts';
import type { Transaction } from '../table/transaction.ts';
import { loadVisible } from './access.ts';
import { viewCase } from './case-view.ts';
import { type Caused, type CommandServices, commit } from './command.ts';

export type CreateServices = CommandServices & Pick<Services, 'nextCaseNumber'>;

/** Creates a case: with a parent, the parent's counter under its cap is changed in the same transaction. */
export const createCase = (
  services: CreateServices,
  request: Request<unknown, unknown, z.infer<typeof CreateCase>> & Caused,
): Promise<Outcome> =>
  idempotently(services, request.idempotent, async () => {
    const { caller, body } = request;
    const now = services.now();
    const head = await services.settings.head();
    const decision = await prepareCase(services, { caller, body, now, head });
    if (!decision.accepted) return decision;
    const { rules, uses } = decision.value;
    const outward = await withFirstMessage(services, decision.value.change, body.outbound, { caller, now, head });
    if (!outward.accepted) return outward;
    const change = outward.value;
    const view = viewCase(change.after, rules);
    await commit(services, withClocksLeft(change), request, now, { status: 201, body: view }, [uses]);
    return { accepted: true, status: 201, body: view };
  });

/** A case that may be created, and what that was decided by. */
export interface PreparedCase {
  change: CaseChange;
  rules: Rules;
  /** Marks custom fields as used, to be written with the case. */
  uses: (transaction: Transaction) => void;
}

/** What a creation is asked for. */
export interface AskedCase {
  caller: Caller;
  body: z.infer<typeof CreateCase>;
  now: Instant;
  head: SettingsHead;
  /** The case that it goes on from, which the caller need not be able to see. */
  previous?: CaseFile;
  /** A customer who becomes known in the same transaction. */
  newcomer?: Customer;
  /** A closed case that is only being told of: nobody is given it, and it takes nothing that it does not name. */
  isHistory?: boolean;
}

/** Looks up what a new case refers to, and decides it; nothing is written. */
export const prepareCase = async (
  services: CreateServices,
  { caller, body, now, head, newcomer, previous: known, isHistory = false }: AskedCase,
): Promise<Decision<PreparedCase>> => {
  const found = body.parentId ? await loadVisible(services, body.parentId, caller, head) : undefined;
  if (body.parentId && !found) return invalid('parentId', `there is no case ${body.parentId}`);
  const { previousCaseId } = body;
  const previous = known ?? (previousCaseId ? await loadVisible(services, previousCaseId, caller, head) : undefined);
  if (previousCaseId && !previous) return invalid('previousCaseId', `there is no case ${previousCaseId}`);
  const parent = await asParent(services, head, found);
  const rules = await services.settings.rulesFor(head, undefined, body.slaId);
  if (body.slaId && !rules.sla) return invalid('slaId', `there is no SLA ${body.slaId}`);

  const command = withInheritance(body, parent, rules);
  const isTakenOver = isHistory || body.subjectId === undefined;
  const [customer, subjectPath, catalogue, queue, owner] = await Promise.all([
    newcomer
      ? accept(newcomer)
      : findCustomerOfCase(services, command.customerId, { caller: await withCustomers(services, caller, head) }),
    findSubjectPath(services, head, command.subjectId, { isTakenOver }),
    command.product ? catalogueOf(services, head) : undefined,
    findQueue(services, head, command.queueId),
    isHistory ? accept(undefined) : findOwner(services, head, command.ownerId),
  ]);
  if (!customer.accepted) return customer;
  if (!subjectPath.accepted) return subjectPath;
  if (!queue.accepted) return queue;
  if (!owner.accepted) return owner;
  const whose = await withAccount(services, customer.value);
  const at = command.createdOn ?? now;
  const entitlement =
    isHistory && !command.entitlementId
      ? accept(undefined)
      : await entitlementOfNewCase(services, command.entitlementId, { ...command, ...whose, rules, at });
  if (!entitlement.accepted) return entitlement;
  const entitled = { slaId: command.slaId, entitlement: entitlement.value };
  const unknown = await whyNobody(services, head, rules.customFields, command.customFields, parent?.case.customFields);
  if (unknown) return unknown;
  const chosen = await rulesOfNewCase(services, head, rules, entitled);
  // A case that was closed elsewhere went through no stages here.
  const decidedBy = isHistory ? { ...chosen, flows: [] } : chosen;
  const decision = decide(command, {
    ids: await newCaseIds(services, now),
    customer: whose.customer,
    parent,
    previous,
    subjectPath: subjectPath.value,
    catalogue,
    owner: owner.value,
    entitlement: entitlement.value,
    rules: decidedBy,
    caller,
    now,
    opensByItself: known !== undefined,
  });
  if (!decision.accepted) return decision;
  const uses = await firstUses(services, decision.value.after.case.customFields, head);
  return accept({ change: decision.value, rules: decidedBy, uses });
};

const newCaseIds = async ({ ids, nextCaseNumber }: CreateServices, now: Instant): Promise<NewCaseIds> => {
  const caseNumber = caseNumberOf(await nextCaseNumber());
  return { caseId: ids.at(now), caseNumber, referenceKey: `${caseNumber}-${ids.suffix(4)}` };
};
