import { z } from 'zod';
import { OwnerId, Slug } from '../cases/case.ts';
import { CustomFieldPath, nameIn } from '../custom-fields/values.ts';
import { StoredNumber } from '../stored-number.ts';

/** What a clock may set on its case: nothing that says whose the case is or what it was promised. */
const SETTABLE = [
  'title',
  'priority',
  'severity',
  'statusReason',
  'subjectId',
  'caseType',
  'product',
  'description',
  'labels',
] as const;

const SetField = z.strictObject({
  type: z.literal('setField'),
  field: z.union([z.enum(SETTABLE), CustomFieldPath], { error: `${SETTABLE.join(', ')} or customFields.<name>` }),
  value: z
    .union([z.string().max(32_000), StoredNumber, z.boolean(), z.array(z.string().max(200)).max(200)])
    .nullable()
    .describe('As an edit of the case takes it; `null` clears'),
});

/** What a clock may set off; a further kind is a line here and a way to carry it out. */
export const Action = z
  .discriminatedUnion('type', [
    z.strictObject({
      type: z.literal('notify'),
      to: z.union([z.enum(['owner', 'team', 'queue', 'supervisors']), z.email()], {
        error: 'owner, team, queue, supervisors or an email address',
      }),
    }),
    SetField,
    z.strictObject({ type: z.literal('escalatePriority') }),
    z.strictObject({ type: z.literal('routeToQueue'), queueId: Slug }),
    z.strictObject({ type: z.literal('assign'), ownerId: OwnerId }),
    z.strictObject({ type: z.literal('webhook'), subscriptionId: Slug }),
    z.strictObject({ type: z.literal('addNote'), text: z.string().trim().min(1).max(8_000) }),
  ])
  .meta({ id: 'Action' });
export type Action = z.infer<typeof Action>;

/** The edit of a case that sets a field as an action says. */
export const editBy = ({ field, value }: z.infer<typeof SetField>): Record<string, unknown> => {
  const name = nameIn(field);
  return name === undefined ? { [field]: value } : { customFields: { [name]: value } };
};
