import { heldIn, nameIn } from '../custom-fields/values.ts';
import type { Customer } from '../customers/customer.ts';
import type { Case } from './case.ts';
import type { CaseFile } from './case-file.ts';

/**
 * How conditions see a case: its own fields by name, `customFields.<name>`, `customer.<field>`, and `subjectPath` for
 * `under`. An absent customer has no fields.
 */
export const caseLookup = (
  subject: Partial<Case>,
  customer: Partial<Customer> | undefined,
): ((field: string) => unknown) => {
  const fields = new Map<string, unknown>(Object.entries(subject));
  const customerFields = new Map<string, unknown>(Object.entries(customer ?? {}));
  return (field) => {
    const name = nameIn(field);
    if (name !== undefined) return heldIn(subject.customFields, name);
    return field.startsWith('customer.') ? customerFields.get(field.slice('customer.'.length)) : fields.get(field);
  };
};

/** As `caseLookup`, with what the rest of a case's file says of it: where it stands and what has been answered. */
export const fileLookup = (
  { case: subject, placement, activities }: Pick<CaseFile, 'case' | 'placement' | 'activities'>,
  customer: Partial<Customer> | undefined,
): ((field: string) => unknown) => {
  const queued = placement?.state === 'queued' ? placement : undefined;
  const { customerReplied, firstRespondedOn } = activities;
  const told = { queueId: queued?.queueId, workedBy: queued?.workedBy, customerReplied, firstRespondedOn };
  return caseLookup({ ...subject, ...told }, customer);
};
