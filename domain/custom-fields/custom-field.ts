import { z } from 'zod';
import { CaseType } from '../cases/case.ts';
import { Condition } from '../conditions/condition.ts';
import { StoredNumber } from '../stored-number.ts';
import { Instant } from '../time.ts';

export const CustomFieldType = z.enum([
  'text',
  'number',
  'boolean',
  'date',
  'datetime',
  'option',
  'multiOption',
  'user',
  'customer',
]);
export type CustomFieldType = z.infer<typeof CustomFieldType>;

/** One choice of a field. One that is not enabled stays on the cases that have it, and no other case gets it. */
export const FieldOption = z.strictObject({
  value: z.string().trim().min(1).max(200),
  label: z.string().trim().min(1).max(200).optional(),
  enabled: z.boolean().default(true),
  when: Condition.optional().describe('The option is one only while this holds, of another field’s value for example'),
});

/** Bounds, by the types that have them. */
const BOUNDS: Readonly<Record<string, readonly CustomFieldType[]>> = {
  minLength: ['text'],
  maxLength: ['text'],
  minimum: ['number'],
  maximum: ['number'],
  integer: ['number'],
  earliest: ['date', 'datetime'],
  latest: ['date', 'datetime'],
  options: ['option', 'multiOption'],
};

/** A day, as people write it down; it has no time zone. */
export const Day = z.iso.date();

const Moment = z.union([Day, Instant], { error: 'expected a day or an instant' });

/** Lower and upper bounds of one thing. */
const PAIRS = [
  ['minLength', 'maxLength'],
  ['minimum', 'maximum'],
  ['earliest', 'latest'],
] as const;

/** A field that an organisation adds to its cases. */
export const CustomField = z
  .strictObject({
    label: z.string().trim().min(1).max(200),
    description: z.string().trim().min(1).max(1_000).optional(),
    type: CustomFieldType,
    caseTypes: z.array(CaseType).min(1).optional().describe('Absent: every case has it, also one without a type'),
    required: z
      .enum(['onCreate', 'onResolve'])
      .optional()
      .describe('From when on it must be filled; who creates cases without a person never has to'),
    requiredWhen: Condition.optional().describe('It is required only where this holds'),
    hidden: z.boolean().default(false).describe('Not shown to people, and so never required of them'),
    hiddenWhen: Condition.optional().describe('Hidden where this holds'),
    minLength: z.int().min(1).max(8_000).optional(),
    maxLength: z.int().min(1).max(8_000).optional().describe('Of a text; 1,000 when left out'),
    minimum: StoredNumber.optional(),
    maximum: StoredNumber.optional(),
    integer: z.boolean().optional(),
    earliest: Moment.optional(),
    latest: Moment.optional(),
    options: z
      .array(FieldOption)
      .min(1)
      .max(200)
      .refine((options) => new Set(options.map(({ value }) => value)).size === options.length, 'an option comes twice')
      .optional(),
    order: z.int().default(0).describe('Where it stands among the others, lowest first'),
    enabled: z.boolean().default(true).describe('Whether it takes new values; those that cases have stay'),
  })
  .superRefine((field, { addIssue }) => {
    const problem = (path: string, message: string) => addIssue({ code: 'custom', path: [path], message });
    for (const [name, value] of Object.entries(field)) {
      const types = BOUNDS[name];
      if (types && value !== undefined && !types.includes(field.type)) problem(name, `is for ${types.join(' and ')}`);
    }
    if (BOUNDS.options?.includes(field.type) && !field.options) problem('options', 'are required');
    if (field.requiredWhen && !field.required) problem('requiredWhen', 'says when `required` applies, which is absent');
    for (const [low, high] of PAIRS) {
      const [from, to] = [field[low], field[high]];
      if (from !== undefined && to !== undefined && from > to) problem(high, `is below ${low}`);
    }
    for (const name of ['earliest', 'latest'] as const) {
      const isDay = Day.safeParse(field[name]).success;
      if (field[name] !== undefined && isDay !== (field.type === 'date')) problem(name, `is no ${field.type}`);
    }
  })
  .meta({ id: 'CustomField' });
export type CustomField = z.infer<typeof CustomField>;

/** The conditions of a field: when it is required or hidden, and when each of its options is one. */
export const conditionsIn = ({ requiredWhen, hiddenWhen, options = [] }: CustomField): Condition[] =>
  [requiredWhen, hiddenWhen, ...options.map(({ when }) => when)].flatMap((condition) => condition ?? []);
