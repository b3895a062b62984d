import { heldIn, nameIn } from '../custom-fields/values.ts';
import type { Customer } from '../customers/customer.ts';
import type { Case } from './case.ts';

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
