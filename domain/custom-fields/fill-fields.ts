import type { Case } from '../cases/case.ts';
import type { Versioned } from '../cases/case-file.ts';
import { caseLookup } from '../cases/case-lookup.ts';
import { evaluate, type Lookup } from '../conditions/condition.ts';
import { accept, type Decision, type FieldError, invalid, invalidAt, type Refusal } from '../refusal.ts';
import { acceptValue } from './accept-value.ts';
import type { CustomField } from './custom-field.ts';
import {
  type CustomFieldPath,
  type CustomFieldValues,
  type GivenValues,
  heldIn,
  isBlank,
  nameIn,
  pathOf,
} from './values.ts';

/** The definitions, as they are now; names are their ids. */
export type CustomFields = readonly Versioned<CustomField>[];

/** What the fields of a case depend on: what is known of it, its custom fields included. */
export type Filled = Partial<Pick<Case, 'caseType' | 'customFields'>>;

/** From when on a field must be filled: when a case is created, or when it is resolved. */
type Moment = NonNullable<CustomField['required']>;

/** A case's values may be this long together, as JSON: an item of the table has 400 KB for everything. */
const MAX_TOTAL = 32_000;

/**
 * The values that a case has after some were given: what is left out stays, `null` and what is empty clears. A value
 * that is new must be one of an enabled field of the case's type and fit it; one that the case has already may stay,
 * whatever has become of its field.
 */
export const valuesAfter = (
  before: CustomFieldValues | undefined,
  given: GivenValues,
  caseType: Case['caseType'],
  fields: CustomFields,
): Decision<CustomFieldValues | undefined> => {
  const values = new Map(Object.entries(before ?? {}));
  const errors: FieldError[] = [];
  for (const [name, value] of Object.entries(given)) {
    if (value === null || isBlank(value)) values.delete(name);
    else if (JSON.stringify(value) !== JSON.stringify(values.get(name))) {
      const decision = newValue(name, value, caseType, fields);
      if (decision.accepted) values.set(name, decision.value);
      else errors.push(...(decision.errors ?? []));
    }
  }
  if (errors.length > 0) return invalidAt(errors);
  const after = Object.fromEntries(values);
  if (JSON.stringify(after).length > MAX_TOTAL)
    return invalid('customFields', `have more than ${MAX_TOTAL} characters`);
  return accept(values.size > 0 ? after : undefined);
};

const newValue = (
  name: string,
  value: NonNullable<GivenValues[string]>,
  caseType: Case['caseType'],
  fields: CustomFields,
): ReturnType<typeof acceptValue> => {
  const field = fields.find(({ id }) => id === name)?.document;
  if (!field) return invalid(pathOf(name), `there is no custom field ${name}`);
  if (!field.enabled) return invalid(pathOf(name), `${name} is disabled`);
  if (!isOf(field, caseType)) return invalid(pathOf(name), `is no field of a case of type ${caseType ?? 'none'}`);
  return acceptValue(name, field, value);
};

const isOf = ({ caseTypes }: CustomField, caseType: Case['caseType']): boolean =>
  !caseTypes || (caseType !== undefined && caseTypes.includes(caseType));

/** What is wrong with the fields of a case as a whole, beside what each value is: empty ones, options that are none here. */
const problemsIn = (subject: Filled, fields: CustomFields, required: readonly Moment[]): FieldError[] => {
  const lookup = caseLookup(subject, undefined);
  return fields
    .filter(({ document }) => document.enabled && isOf(document, subject.caseType))
    .flatMap(({ id, document }): FieldError[] => {
      const value = heldIn(subject.customFields, id);
      if (isBlank(value))
        return isRequired(document, lookup, required) ? [{ path: pathOf(id), message: 'is required' }] : [];
      const wrong = [value].flat().find((one) => !isOptionNow(document, one, lookup));
      return wrong === undefined ? [] : [{ path: pathOf(id), message: `${wrong} is no option of this case` }];
    });
};

const isRequired = (field: CustomField, lookup: Lookup, required: readonly Moment[]): boolean =>
  field.required !== undefined &&
  required.includes(field.required) &&
  !field.hidden &&
  !(field.hiddenWhen && evaluate(field.hiddenWhen, lookup).matched) &&
  (!field.requiredWhen || evaluate(field.requiredWhen, lookup).matched);

const isOptionNow = ({ options = [] }: CustomField, value: unknown, lookup: Lookup): boolean => {
  const when = options.find((option) => option.value === value)?.when;
  return !when || evaluate(when, lookup).matched;
};

/** Why a new case cannot have its fields as they are. Who creates cases without a person need not fill any. */
export const whyNotFilled = (subject: Filled, fields: CustomFields, byPerson: boolean): Refusal | undefined =>
  refusalOf(problemsIn(subject, fields, byPerson ? ['onCreate'] : []));

/** Why an edit cannot leave the fields as they then are; what was wrong before it is not its fault. */
export const whyNotLeft = (before: Filled, after: Filled, fields: CustomFields): Refusal | undefined => {
  const known = problemsIn(before, fields, ['onCreate']).map(textOf);
  return refusalOf(problemsIn(after, fields, ['onCreate']).filter((problem) => !known.includes(textOf(problem))));
};

/** Why a case cannot be resolved before something more is filled in. */
export const whyNotResolved = (subject: Filled, fields: CustomFields): Refusal | undefined =>
  refusalOf(problemsIn(subject, fields, ['onCreate', 'onResolve']).filter(({ message }) => message === 'is required'));

const textOf = ({ path, message }: FieldError): string => `${path} ${message}`;
const refusalOf = (problems: FieldError[]): Refusal | undefined =>
  problems.length > 0 ? invalidAt(problems) : undefined;

/**
 * The custom fields of a child that takes some from its parent where it has nothing of its own. What the child's type
 * does not have, or what would be no option there, is not taken: inheriting is never a reason for a refusal.
 */
export const inheritedValues = (
  own: Filled,
  parent: Filled,
  selected: readonly CustomFieldPath[],
  fields: CustomFields,
): CustomFieldValues | undefined => {
  const { caseType, customFields = {} } = own;
  const taken = new Map<string, NonNullable<GivenValues[string]>>();
  for (const name of selected.flatMap((path) => nameIn(path) ?? [])) {
    const value = heldIn(parent.customFields, name);
    if (value === undefined || !isBlank(heldIn(customFields, name))) continue;
    if (newValue(name, value, caseType, fields).accepted) taken.set(name, value);
  }
  for (;;) {
    const values = { ...customFields, ...Object.fromEntries(taken) };
    const [wrong] = problemsIn({ ...own, customFields: values }, fields, [])
      .flatMap(({ path }) => nameIn(path) ?? [])
      .filter((name) => taken.has(name));
    if (wrong === undefined) return taken.size > 0 ? values : own.customFields;
    taken.delete(wrong);
  }
};
