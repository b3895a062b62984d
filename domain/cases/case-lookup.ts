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
export const fileLookup = (file: Seen, customer: Partial<Customer> | undefined): ((field: string) => unknown) =>
  caseLookup({ ...file.case, ...toldBesides(file) }, customer);

type Seen = Pick<CaseFile, 'case' | 'placement' | 'activities'>;

const toldBesides = ({ placement, activities }: Seen) => {
  const queued = placement?.state === 'queued' ? placement : undefined;
  const { customerReplied, firstRespondedOn } = activities;
  return { queueId: queued?.queueId, workedBy: queued?.workedBy, customerReplied, firstRespondedOn };
};

/** Whether no condition, whatever it looks at, can tell a case from what it was. */
export const looksTheSame = (was: Seen, is: Seen): boolean =>
  was.case === is.case && JSON.stringify(toldBesides(was)) === JSON.stringify(toldBesides(is));
