import { z } from 'zod';
import type { FieldChange } from '../facts/fact.ts';
import { StoredNumber } from '../stored-number.ts';

/** What a custom field is called in bodies, conditions and lists: the id that its definition was put under. */
export const CustomFieldName = z
  .string()
  .regex(/^[a-z][A-Za-z0-9_-]{0,62}$/, 'letters, digits, dashes and underscores, after a small letter')
  .meta({ id: 'CustomFieldName' });

/** A custom field where fields are named by one word, as in conditions: `customFields.<name>`. */
export const CustomFieldPath = z.templateLiteral(['customFields.', CustomFieldName]);
export type CustomFieldPath = z.infer<typeof CustomFieldPath>;

/** How a custom field is named among all fields. */
export const pathOf = (name: string): CustomFieldPath => `customFields.${name}`;

/** The name of a custom field, if `field` is one. */
export const nameIn = (field: string): string | undefined =>
  field.startsWith('customFields.') ? field.slice('customFields.'.length) : undefined;

/** What a custom field can hold, whatever its type: dates and references are texts. */
export const CustomFieldValue = z.union([
  z.string().max(8_000),
  StoredNumber,
  z.boolean(),
  z.array(z.string().max(200)).max(200),
]);
export type CustomFieldValue = z.infer<typeof CustomFieldValue>;

/** The custom fields of a case that hold something. */
export const CustomFieldValues = z
  .record(CustomFieldName, CustomFieldValue)
  .meta({ id: 'CustomFieldValues', examples: [{ serial: 'X-204', impact: ['network', 'phones'] }] });
export type CustomFieldValues = z.infer<typeof CustomFieldValues>;

/** Values as an edit gives them: what is left out stays, `null` clears. */
export const GivenValues = z.record(CustomFieldName, CustomFieldValue.nullable());
export type GivenValues = z.infer<typeof GivenValues>;

/** An empty text and an empty list are what a form sends for nothing. */
export const isBlank = (value: unknown): boolean =>
  value === undefined || value === null || value === '' || (Array.isArray(value) && value.length === 0);

/** One custom field of a case. Names are checked by their definitions, never looked up in what every object has. */
export const heldIn = (values: CustomFieldValues | undefined, name: string): CustomFieldValue | undefined =>
  values && Object.hasOwn(values, name) ? values[name] : undefined;

/** The custom fields that changed, as audit rows. */
export const changesOfValues = (
  before: CustomFieldValues | undefined,
  after: CustomFieldValues | undefined,
): FieldChange[] =>
  [...new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})])]
    .sort()
    .map((name) => ({ field: pathOf(name), old: heldIn(before, name), new: heldIn(after, name) }))
    .filter(({ old, new: now }) => JSON.stringify(old) !== JSON.stringify(now));
