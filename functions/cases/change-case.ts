import {
  type AssignCase,
  assignCase as decideAssign,
  unassignCase as decideUnassign,
} from '../../domain/cases/assign-case.ts';
import type { CaseChange, CaseFile } from '../../domain/cases/case-file.ts';
import { patchCase as decidePatch, type PatchCase } from '../../domain/cases/patch-case.ts';
import { reactivateCase as decideReactivate } from '../../domain/cases/reactivate-case.ts';
import { DEFAULT_QUEUE_ID } from '../../domain/queues/queue.ts';
import { type Decision, invalid } from '../../domain/refusal.ts';
import type { SettingsHead } from '../../domain/settings/kinds.ts';
import type { Outcome } from '../api/api.ts';
import { firstUses } from '../custom-fields/first-uses.ts';
import { whyNobody } from '../custom-fields/references.ts';
import { entitlementAfterEdit } from '../entitlements/entitlement-of-case.ts';
import { rulesAfterEdit } from '../entitlements/sla-of-case.ts';
import { ownerOf } from '../people/owners.ts';
import { catalogueOf, findCustomerOfCase, findSubjectPath, withAccount } from '../references.ts';
import type { Services } from '../services.ts';
import { type CaseRequest, type CommandServices, commandOnCase, type Loaded } from './command.ts';

/** Edits a case. */
export const patchCase = (services: CommandServices, request: CaseRequest<PatchCase>): Promise<Outcome> =>
  commandOnCase(services, request, (loaded) => editCase(services, loaded, request));

/** Looks up what an edit refers to, and decides it. */
export const editCase = async (
  services: CommandServices,
  { file, rules, now, head, also }: Loaded,
  { body, caller }: Pick<CaseRequest<PatchCase>, 'body' | 'caller'>,
): Promise<Decision<CaseChange>> => {
  const unknown = await whyNobody(services, head, rules.customFields, body.customFields, file.case.customFields);
  if (unknown) return unknown;
  const subjectId = body.subjectId === undefined ? file.case.subjectId : (body.subjectId ?? undefined);
  const [customer, subjectPath, catalogue] = await Promise.all([
    findCustomerOfCase(services, body.customerId ?? file.case.customerId, { present: file.case.customerId }),
    body.subjectId
      ? findSubjectPath(services, head, body.subjectId, { isTakenOver: body.subjectId === file.case.subjectId })
      : undefined,
    body.product ? catalogueOf(services, head) : undefined,
  ]);
  if (!customer.accepted) return customer;
  if (subjectPath && !subjectPath.accepted) return subjectPath;
  const path = subjectPath ? subjectPath.value : subjectId && file.case.subjectPath;
  const known = await withAccount(services, customer.value);
  const { contactId, product, origin } = file.case;
  const entitlement = await entitlementAfterEdit(services, file, body, {
    contactId: edited(body.contactId, contactId),
    product: edited(body.product, product),
    origin: body.origin ?? origin,
    ...known,
    rules,
    at: now,
  });
  if (!entitlement.accepted) return entitlement;
  const sla = await rulesAfterEdit(services, head, { file, rules, entitlement: entitlement.value }, body);
  if (!sla.accepted) return sla;
  also(await firstUses(services, body.customFields, head));
  return decidePatch(file, body, {
    ...sla.value,
    caller,
    now,
    customer: known.customer,
    entitlement: entitlement.value,
    catalogue,
    ...(path && { subjectPath: path }),
  });
};

/** A field after an edit: what is left out stays, `null` clears. */
const edited = <Value>(patched: Value | null | undefined, present: Value | undefined): Value | undefined =>
  patched === undefined ? present : (patched ?? undefined);

/** Assigns a case, or takes it from its owner. */
export const assignCase = (services: CommandServices, request: CaseRequest<AssignCase>): Promise<Outcome> =>
  commandOnCase(services, request, async (loaded) => {
    const { ownerId } = request.body;
    const { file, now, head } = loaded;
    if (ownerId === null) return decideUnassign(file, await lastQueueOf(services, file, head), now);
    return giveCase(services, loaded, ownerId);
  });

/** Decides that somebody owns a case from now on. */
export const giveCase = async (
  services: CommandServices,
  { file, now, head }: Pick<Loaded, 'file' | 'now' | 'head'>,
  ownerId: string,
): Promise<Decision<CaseChange>> => {
  const owner = await ownerOf(services, head, ownerId);
  return owner ? decideAssign(file, owner, now) : invalid('ownerId', `there is no active user or team ${ownerId}`);
};

/** Makes a closed case active again. */
export const reactivateCase = (services: CommandServices, request: CaseRequest<unknown>): Promise<Outcome> =>
  commandOnCase(services, request, (loaded) => prepareReactivation(services, loaded));

/** Looks up what the reactivation of a case rests on, and decides it; nothing is written. */
export const prepareReactivation = async (
  services: Pick<Services, 'cases' | 'settings' | 'users'>,
  { file, rules, now, head }: Omit<Loaded, 'also'>,
): Promise<Decision<CaseChange>> => {
  const { parentId, ownerId } = file.case;
  const [parent, queueId, owner] = await Promise.all([
    parentId ? services.cases.load(parentId) : undefined,
    lastQueueOf(services, file, head),
    ownerId ? ownerOf(services, head, ownerId) : undefined,
  ]);
  const ownerIsGone = ownerId !== undefined && !owner;
  return decideReactivate(file, { rules, now, parent, queueId, ownerIsGone });
};

/** The queue that a case stands in or has left last; the default queue if there is none, or none any more. */
export const lastQueueOf = async (
  { settings }: Pick<Services, 'settings'>,
  { placement }: CaseFile,
  head: SettingsHead,
): Promise<string> =>
  (placement?.queueId && (await settings.queues.find(placement.queueId, head))?.id) || DEFAULT_QUEUE_ID;
