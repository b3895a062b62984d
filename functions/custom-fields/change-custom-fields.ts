import { fieldsIn } from '../../domain/conditions/fields-in.ts';
import { type CustomField, conditionsIn } from '../../domain/custom-fields/custom-field.ts';
import { nameIn, pathOf } from '../../domain/custom-fields/values.ts';
import { accept, invalid, type Refusal } from '../../domain/refusal.ts';
import type { Outcome, Request } from '../api/api.ts';
import type { Services } from '../services.ts';
import { deleteSetting, putSetting, type SettingServices } from '../settings/documents.ts';

type IdRequest<Body = unknown> = Request<{ id: string }, unknown, Body>;

/** Creates or replaces a custom field. No field goes while it is checked that those it names are there. */
export const putCustomField = (services: SettingServices, request: IdRequest<CustomField>): Promise<Outcome> => {
  const { settings } = services;
  return putSetting(services, settings.customFields, request, async (id, field, transaction) => {
    const head = await settings.head();
    const fields = await settings.customFields.all(head);
    const before = fields.find((one) => one.id === id)?.document;
    if (before && before.type !== field.type) {
      return invalid('type', `of ${id} stays ${before.type}: cases have values of it`);
    }
    settings.unchanged(transaction, head, [settings.customFields]);
    const others = new Set(fields.map((one) => one.id).filter((other) => other !== id));
    return whyNotDependent(field, others) ?? accept(field);
  });
};

/** A field depends on its case alone, so that a change of nothing else makes it required or its value wrong. */
const whyNotDependent = (field: CustomField, others: ReadonlySet<string>): Refusal | undefined => {
  for (const named of conditionsIn(field).flatMap(fieldsIn)) {
    const name = nameIn(named);
    if (name !== undefined && !others.has(name)) return invalid('when', `there is no other custom field ${name}`);
    if (name === undefined && named.includes('.')) return invalid('when', `${named} is no field of the case itself`);
  }
  return undefined;
};

/** Removes a custom field that has never been used; what is in use is disabled instead. */
export const deleteCustomField = (
  services: SettingServices & Pick<Services, 'fieldUses'>,
  request: IdRequest,
): Promise<Outcome> => {
  const { settings, fieldUses } = services;
  return deleteSetting(services, settings.customFields, request, async (id, transaction) => {
    const naming = await settingsThatName(services, id);
    if (naming.length > 0) return `The field is named by ${naming.join(', ')}`;
    if (await fieldUses.isUsed(id)) return 'Cases have or have had this field: disable it instead';
    settings.unchanged(transaction, await settings.head(), [settings.customFields]);
    fieldUses.neverUsed(transaction, id);
    return undefined;
  });
};

/** Whatever a document says of a field, it names it by its path; templates have values under its name. */
const settingsThatName = async ({ settings }: SettingServices, name: string): Promise<string[]> => {
  const { customFields, caseSettings, ruleSets, slas, processFlows, channels, webhookSubscriptions } = settings;
  const kinds = [customFields, caseSettings, ruleSets, slas, processFlows, channels, webhookSubscriptions];
  const [documents, templates] = await Promise.all([
    Promise.all(kinds.map((kind) => kind.all())),
    settings.caseTemplates.all(),
  ]);
  const path = JSON.stringify(pathOf(name));
  return [
    ...documents.flat().filter(({ id, document }) => id !== name && JSON.stringify(document).includes(path)),
    ...templates.filter(({ document }) => Object.hasOwn(document.case.customFields ?? {}, name)),
  ].map(({ id }) => id);
};
