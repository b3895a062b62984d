import type { CaseFile, Rules } from '../cases/case-file.ts';
import { type Filled, inheritedValues } from '../custom-fields/fill-fields.ts';
import { type CustomFieldPath, type CustomFieldValues, isBlank } from '../custom-fields/values.ts';
import { type InheritableField, isPlainField } from '../settings/case-settings.ts';

/** What a case can be given besides its own fields: where it stands and whose it is. */
export type Inherited = Partial<Record<InheritableField, unknown>> & { customFields?: CustomFieldValues };

const fieldOf = (parent: CaseFile, field: InheritableField): unknown =>
  field === 'queueId' ? parent.placement?.queueId : parent.case[field];

/**
 * The values that a child takes from its parent: of the selected fields, those that the child leaves empty and the
 * parent has. Taken once, when the child is created or attached; later edits of the parent do not flow.
 */
export const inheritFields = (
  own: Filled & Record<string, unknown>,
  parent: CaseFile,
  { caseSettings, customFields: fields }: Pick<Rules, 'caseSettings' | 'customFields'>,
): Inherited => {
  const has = new Map<string, unknown>(Object.entries(own));
  const selected = caseSettings.inheritedFields;
  const taken: Inherited = Object.fromEntries(
    selected
      .filter(isPlainField)
      .filter((field) => isBlank(has.get(field)))
      .map((field) => [field, fieldOf(parent, field)])
      .filter(([, value]) => !isBlank(value)),
  );
  const paths = selected.filter((field): field is CustomFieldPath => !isPlainField(field));
  const caseType = own.caseType ?? (selected.includes('caseType') ? parent.case.caseType : undefined);
  const customFields = inheritedValues({ ...own, caseType }, parent.case, paths, fields);
  return { ...taken, ...(customFields && { customFields }) };
};
