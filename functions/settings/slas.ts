import { nameIn } from '../../domain/custom-fields/values.ts';
import { accept, invalid, type Refusal } from '../../domain/refusal.ts';
import type { Action } from '../../domain/sla/action.ts';
import { addBusinessTime, BeyondHorizon } from '../../domain/sla/business-time.ts';
import type { Sla, SlaItem } from '../../domain/sla/sla.ts';
import { MINUTE, toMs } from '../../domain/time.ts';
import type { Outcome, Request } from '../api/api.ts';
import type { Services } from '../services.ts';
import { deleteSetting, putSetting, type SettingServices } from './documents.ts';

type IdRequest<Body = unknown> = Request<{ id: string }, unknown, Body>;

/** Creates or replaces an SLA; the SLA that was the default until now is no longer, in the same transaction. */
export const putSla = (services: SettingServices, request: IdRequest<Sla>): Promise<Outcome> =>
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
    return accept(sla);
  });

const whyNotPromised = async (
  services: SettingServices,
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
  services: SettingServices,
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

const whyNotDone = async ({ settings }: SettingServices, action: Action, path: string): Promise<Refusal | undefined> =>
  action.type === 'routeToQueue' && !(await settings.queues.find(action.queueId))
    ? invalid(`${path}.queueId`, `there is no queue ${action.queueId}`)
    : undefined;

/** Removes an SLA that no entitlement grants. */
export const deleteSla = (
  services: SettingServices & Pick<Services, 'entitlements'>,
  request: IdRequest,
): Promise<Outcome> =>
  deleteSetting(services, services.settings.slas, request, async (id) =>
    (await services.entitlements.grants(id)) ? `${id} is granted by entitlements` : undefined,
  );
