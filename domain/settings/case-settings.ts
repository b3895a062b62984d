import { z } from 'zod';
import { CustomFieldPath } from '../custom-fields/values.ts';
import { TimeZone } from '../time-zone.ts';

/** What a child may take over from its parent; title and customer are always taken when left out. */
export const INHERITABLE_FIELDS = [
  'title',
  'customerId',
  'contactId',
  'origin',
  'priority',
  'severity',
  'subjectId',
  'caseType',
  'product',
  'description',
  'labels',
  'queueId',
  'ownerId',
] as const;
export type InheritableField = (typeof INHERITABLE_FIELDS)[number];

/** Whether a selected field is no custom field. */
export const isPlainField = (field: InheritableField | CustomFieldPath): field is InheritableField =>
  !field.startsWith('customFields.');

/** Settings of the organisation about cases as a whole (`docs/cases.md`). */
export const CaseSettings = z
  .strictObject({
    closurePolicy: z
      .enum(['independent', 'blockUntilChildrenClosed', 'cascadeToChildren'])
      .default('independent')
      .describe('What closing a parent means for its children'),
    maxChildren: z.int().min(1).max(10_000).default(100).describe('Children a parent may have, whatever their status'),
    inheritedFields: z
      .array(
        z.union([z.enum(INHERITABLE_FIELDS), CustomFieldPath], { error: 'is no field that a child may take over' }),
      )
      .default(['title', 'customerId', 'labels', 'queueId', 'ownerId'])
      .refine(
        (fields) => fields.includes('title') && fields.includes('customerId'),
        'title and customerId are mandatory',
      )
      .describe('What a child takes over when it is created or attached, where it has nothing of its own'),
    autoCloseParent: z
      .boolean()
      .default(false)
      .describe('Whether a parent is resolved when its last active child is closed, as that child was'),
    entitlementRequired: z.boolean().default(false).describe('Whether every case needs a valid entitlement'),
    recalculateOnTerminal: z
      .boolean()
      .optional()
      .describe('Whether clocks that were met or missed are judged anew when their case is promised something else'),
    timeZone: TimeZone.default('UTC').describe('Where the days of entitlements and reports begin and end'),
  })
  .meta({ id: 'CaseSettings' });
export type CaseSettings = z.infer<typeof CaseSettings>;

/** What a fresh service goes by. */
export const DEFAULT_CASE_SETTINGS: CaseSettings = CaseSettings.parse({});
