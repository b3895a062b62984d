import type { CaseFile } from '../cases/case-file.ts';
import type { InheritableField } from '../settings/case-settings.ts';

/** What a case can be given besides its own fields: where it stands and whose it is. */
export type Inherited = Partial<Record<InheritableField, unknown>>;

const fieldOf = (parent: CaseFile, field: InheritableField): unknown =>
  field === 'queueId' ? parent.placement?.queueId : parent.case[field];

const isEmpty = (value: unknown): boolean => value === undefined || (Array.isArray(value) && value.length === 0);

/**
 * The values that a child takes from its parent: of the selected fields, those that the child leaves empty and the
 * parent has. Taken once, when the child is created or attached; later edits of the parent do not flow.
 */
export const inheritFields = (own: object, parent: CaseFile, selected: readonly InheritableField[]): Inherited => {
  const has = new Map<string, unknown>(Object.entries(own));
  return Object.fromEntries(
    selected
      .filter((field) => isEmpty(has.get(field)))
      .map((field) => [field, fieldOf(parent, field)])
      .filter(([, value]) => !isEmpty(value)),
  );
};
