import { nameIn } from '../../domain/custom-fields/values.ts';
import type { ProcessFlow } from '../../domain/process/process-flow.ts';
import { accept, invalid } from '../../domain/refusal.ts';
import type { Outcome, Request } from '../api/api.ts';
import { deleteSetting, putSetting, type SettingServices } from '../settings/documents.ts';
import { type SlaServices, whyNotCarriedOut, whyNotKept } from '../settings/slas.ts';

type IdRequest<Body = unknown> = Request<{ id: string }, unknown, Body>;

/** Creates or replaces a process flow. No custom field goes while it is checked that those it asks for are there. */
export const putFlow = (services: SlaServices, request: IdRequest<ProcessFlow>): Promise<Outcome> => {
  const { settings } = services;
  return putSetting(services, settings.processFlows, request, async (_id, flow, transaction) => {
    const head = await settings.head();
    const fields = await settings.customFields.all(head);
    settings.unchanged(transaction, head, [settings.customFields]);
    const { calendarId } = flow;
    if (calendarId && !(await settings.calendars.find(calendarId, head))) {
      return invalid('calendarId', `there is no calendar ${calendarId}`);
    }
    for (const [n, { steps, maxMinutes, actions = {} }] of flow.stages.entries()) {
      const path = `stages.${n}`;
      const lists = Object.entries(actions).map(([alarm, list]) => [`actions.${alarm}`, list] as const);
      const refusal =
        (maxMinutes && (await whyNotKept(services, { calendarId, minutes: maxMinutes }, path, 'maxMinutes'))) ||
        (await whyNotCarriedOut(services, lists, path));
      if (refusal) return refusal;
      for (const [m, step] of steps.entries()) {
        const name = 'field' in step ? nameIn(step.field) : undefined;
        if (name !== undefined && !fields.some(({ id }) => id === name)) {
          return invalid(`${path}.steps.${m}.field`, `there is no custom field ${name}`);
        }
      }
    }
    return accept(flow);
  });
};

/** Removes a process flow. Nothing names it but the cases that have begun it, and they keep their version. */
export const deleteFlow = (services: SettingServices, request: IdRequest): Promise<Outcome> =>
  deleteSetting(services, services.settings.processFlows, request, async () => undefined);
