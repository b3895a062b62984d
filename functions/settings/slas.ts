import { PatchCase } from '../../domain/cases/patch-case.ts';
import { acceptValue } from '../../domain/custom-fields/accept-value.ts';
import { nameIn } from '../../domain/custom-fields/values.ts';
import { accept, invalid, type Refusal } from '../../domain/refusal.ts';
import { type Action, editBy } from '../../domain/sla/action.ts';
import { addBusinessTime, BeyondHorizon } from '../../domain/sla/business-time.ts';
import { customerFieldsIn } from '../../domain/sla/follow-case.ts';
import type { Sla, SlaItem } from '../../domain/sla/sla.ts';
import { MINUTE, toMs } from '../../domain/time.ts';
import type { Outcome, Request } from '../api/api.ts';
import { ownerOf } from '../people/owners.ts';
import type { Services } from '../services.ts';
import { deleteSetting, putSetting, type SettingServices } from './documents.ts';

/** What checking an SLA's actions looks up. */
export type SlaServices = SettingServices & Pick<Services, 'users' | 'fieldUses'>;
type IdRequest<Body = unknown> = Request<{ id: string }, unknown, Body>;

/** Creates or replaces an SLA; the SLA that was the default until now is no longer, in the same transaction. */
export const putSla = (services: SlaServices, request: IdRequest<Sla>): Promise<Outcome> =>
  putSetting(services, services.settings.slas, request, async (id, sla, transaction) => {
    const { slas } = services.settings;
    for (const [n, item] of sla.items.entries()) {
      const refusal = await whyNotPromised(services, item, `items.${n}`);
      if (refusal) return refusal;
    }
    const others = sla.isDefault
      ? (await slas.all()).filter((other) => other.id !== id && other.document.isDefault)
      : [];
    for (const other of others) {
      const by = { by: request.caller.userId, now: services.now() };
      slas.put(
        transaction,
        other.id,
        { ...other.document, isDefault: false },
        { version: other.version, isStored: true },
        by,
      );
    }
    for (const field of new Set(customerFieldsIn(sla))) services.fieldUses.looksAtOfCustomers(transaction, field);
    return accept(sla);
  });

const whyNotPromised = async (
  services: SlaServices,
  { calendarId, targetMinutes, actions, warnings, applicableFrom = 'createdOn' }: SlaItem,
  path: string,
): Promise<Refusal | undefined> => {
  const name = nameIn(applicableFrom);
  const from = name ? await services.settings.customFields.find(name) : undefined;
  if (name && from?.document.type !== 'datetime') {
    return invalid(`${path}.applicableFrom`, `there is no custom field ${name} of type datetime`);
  }
  const lists = [
    ...Object.entries(actions ?? {}).map(([alarm, list]) => [`actions.${alarm}`, list] as const),
    ...(warnings ?? []).map((warning, n) => [`warnings.${n}.actions`, warning.actions] as const),
  ];
  return (
    (await whyNotKept(services, { calendarId, minutes: targetMinutes }, path, 'targetMinutes')) ??
    (await whyNotCarriedOut(services, lists, path))
  );
};

/** Why so much business time cannot be promised: its calendar is unknown, or hardly ever open. */
export const whyNotKept = async (
  services: SettingServices,
  { calendarId, minutes }: { calendarId: string | undefined; minutes: number },
  path: string,
  field: string,
): Promise<Refusal | undefined> => {
  const setting = calendarId ? await services.settings.calendars.find(calendarId) : undefined;
  if (calendarId && !setting) return invalid(`${path}.calendarId`, `there is no calendar ${calendarId}`);
  const calendar = setting && (await services.settings.workingCalendar(setting));
  try {
    addBusinessTime(calendar?.document, toMs(services.now()), minutes * MINUTE);
    return undefined;
  } catch (fault) {
    if (fault instanceof BeyondHorizon) return invalid(`${path}.${field}`, fault.message);
    throw fault;
  }
};

/** Why actions could not be carried out, by the lists that they stand in. */
export const whyNotCarriedOut = async (
  services: SlaServices,
  lists: readonly (readonly [where: string, list?: readonly Action[]])[],
  path: string,
): Promise<Refusal | undefined> => {
  for (const [where, list = []] of lists) {
    for (const [n, action] of list.entries()) {
      const refusal = await whyNotDone(services, action, `${path}.${where}.${n}`);
      if (refusal) return refusal;
    }
  }
  return undefined;
};

/** Why an action could never be done; what is only gone later is told when its time comes. */
const whyNotDone = async (services: SlaServices, action: Action, path: string): Promise<Refusal | undefined> => {
  const { settings } = services;
  switch (action.type) {
    case 'routeToQueue':
      return (await settings.queues.find(action.queueId))
        ? undefined
        : invalid(`${path}.queueId`, `there is no queue ${action.queueId}`);
    case 'assign':
      return (await ownerOf(services, await settings.head(), action.ownerId))
        ? undefined
        : invalid(`${path}.ownerId`, `there is no active user or team ${action.ownerId}`);
    case 'webhook':
      return (await settings.webhookSubscriptions.find(action.subscriptionId))
        ? undefined
        : invalid(`${path}.subscriptionId`, `there is no webhook subscription ${action.subscriptionId}`);
    case 'setField': {
      const why = await whyNotSet(services, action);
      return why ? invalid(`${path}.value`, why) : undefined;
    }
    default:
      return undefined;
  }
};

/** What is set must be what an edit could set: a word that the field knows, and not the name of nothing. */
const whyNotSet = async (
  { settings }: SlaServices,
  action: Extract<Action, { type: 'setField' }>,
): Promise<string | undefined> => {
  const { field, value } = action;
  const edit = PatchCase.safeParse(editBy(action));
  if (!edit.success) return edit.error.issues.map(({ message }) => message).join('; ');
  const { statusReason, subjectId } = edit.data;
  const head = await settings.head();
  const reasons = statusReason ? (await settings.statusModel(head)).reasons : {};
  if (statusReason && reasons[statusReason]?.status !== 'active') return `there is no active reason ${statusReason}`;
  if (subjectId && !(await settings.subjects.find(subjectId, head))) return `there is no subject ${subjectId}`;
  const name = nameIn(field);
  const custom = name === undefined ? undefined : await settings.customFields.find(name, head);
  if (name === undefined) return undefined;
  if (!custom) return `there is no custom field ${name}`;
  const accepted = value === null ? undefined : acceptValue(name, custom.document, value);
  return accepted?.accepted === false ? accepted.detail : undefined;
};

/** Removes an SLA that no entitlement grants. */
export const deleteSla = (
  services: SettingServices & Pick<Services, 'entitlements'>,
  request: IdRequest,
): Promise<Outcome> =>
  deleteSetting(services, services.settings.slas, request, async (id) =>
    (await services.entitlements.grants(id)) ? `${id} is granted by entitlements` : undefined,
  );
