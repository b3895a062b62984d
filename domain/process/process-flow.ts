import { z } from 'zod';
import { Slug } from '../cases/case.ts';
import { Condition } from '../conditions/condition.ts';
import { CustomFieldPath } from '../custom-fields/values.ts';
import { Action } from '../sla/action.ts';
import { KpiName, TargetMinutes, WarnMinutes } from '../sla/sla.ts';

/** The fields of a case that may be empty, and so can be asked for. */
const FILLABLE = [
  'contactId',
  'severity',
  'subjectId',
  'caseType',
  'product',
  'description',
  'labels',
  'participants',
  'externalId',
  'slaId',
  'entitlementId',
  'ownerId',
  'parentId',
] as const;

/** A stage or a check, as commands and reports name it. */
export const StageId = z
  .string()
  .regex(/^[a-z][A-Za-z0-9-]{0,39}$/, 'letters, digits and dashes, after a small letter')
  .meta({ id: 'StageId', examples: ['research'] });

const label = z.string().trim().min(1).max(200);

/** What must be done before a case leaves a stage forwards: a field that is filled, or something that people tick off. */
export const Step = z.union(
  [
    z.strictObject({
      field: z.union([z.enum(FILLABLE), CustomFieldPath], { error: 'is no field that may be empty' }),
      label: label.optional(),
    }),
    z.strictObject({ check: StageId, label }),
  ],
  { error: 'expected {field} or {check, label}' },
);
export type Step = z.infer<typeof Step>;

const actions = z.array(Action).max(10).optional();

export const Stage = z
  .strictObject({
    id: StageId,
    name: label,
    steps: z.array(Step).max(30).default([]).describe('What must be done before a case goes on'),
    maxMinutes: TargetMinutes.optional().describe('In business time, each visit; starts a clock named for the stage'),
    warnMinutes: WarnMinutes.optional(),
    allowPause: z.boolean().default(true).describe('Whether the clock waits while the case is on hold'),
    actions: z.strictObject({ warn: actions, breach: actions, success: actions }).optional(),
  })
  .refine(({ maxMinutes, warnMinutes }) => warnMinutes === undefined || warnMinutes < (maxMinutes ?? 0), {
    path: ['warnMinutes'],
    error: 'must be less than maxMinutes',
  })
  .refine(({ id, maxMinutes }) => maxMinutes === undefined || KpiName.safeParse(kpiOf(id)).success, {
    path: ['id'],
    error: 'is too long to name a clock: at most 19 letters and digits',
  });
export type Stage = z.infer<typeof Stage>;

/** The KPI of a stage's clock: `stageResearch`. */
export function kpiOf(stageId: string): string {
  return `stage${stageId.replaceAll(/(?:^|-)(.?)/g, (_, letter: string) => letter.toUpperCase())}`;
}

const isUnique = (ids: readonly string[]): boolean => new Set(ids).size === ids.length;

/** The stages that cases of some kind go through, in order. */
export const ProcessFlow = z
  .strictObject({
    name: label,
    when: Condition.optional().describe('Which cases get it; absent: every case that no flow before it is for'),
    order: z.int().default(0).describe('Which flow is asked first, the lowest'),
    enabled: z.boolean().default(true).describe('Whether cases get it; those that have it go on'),
    calendarId: Slug.optional().describe('What business time in a stage is counted by; absent: around the clock'),
    stages: z
      .array(Stage)
      .min(1)
      .max(20)
      .refine((stages) => isUnique(stages.map(({ id }) => kpiOf(id))), 'two stages have the same id')
      .refine((stages) => isUnique(stages.flatMap(checksIn)), 'two checks have the same id'),
  })
  .meta({ id: 'ProcessFlow' });
export type ProcessFlow = z.infer<typeof ProcessFlow>;

/** What people tick off in a stage. */
export function checksIn({ steps }: Stage): string[] {
  return steps.flatMap((step) => ('check' in step ? [step.check] : []));
}
