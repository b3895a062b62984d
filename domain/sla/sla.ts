import { z } from 'zod';
import { Slug } from '../cases/case.ts';
import { Condition } from '../conditions/condition.ts';
import { CustomFieldPath } from '../custom-fields/values.ts';
import { Action } from './action.ts';

/** `firstResponse`, `nextResponse`, `resolve`, `totalResolution`, or an organisation's own word. */
export const KpiName = z
  .string()
  .regex(/^[a-z][A-Za-z0-9]{0,23}$/, 'a word of up to 24 letters and digits that starts with a small letter')
  .meta({ id: 'KpiName', examples: ['resolve'] });

/** What Docket sees by itself; a KPI of any other name says by a condition when it is met. */
const MEASURED: readonly string[] = ['firstResponse', 'nextResponse', 'resolve', 'totalResolution'];

/** Business minutes that a case may take: at most two years around the clock. */
export const TargetMinutes = z.int().min(1).max(1_051_200);

/** When to warn, in business minutes from the start. */
export const WarnMinutes = z.int().min(1);

/** Whether the warning comes before the deadline: a later one would never be heard. */
export const warnsInTime = (item: { targetMinutes: number; warnMinutes?: number }): boolean =>
  item.warnMinutes === undefined || item.warnMinutes < item.targetMinutes;

export const WARNS_IN_TIME = { path: ['warnMinutes'], error: 'must be less than targetMinutes' };

/** What becomes of a met clock when its case is reopened: it goes on with what was left, stays as it is, or restarts. */
export const OnReopen = z.enum(['continue', 'keep', 'restart']);

const actions = z.array(Action).max(10).optional();

/** One of several warnings, with what it alone sets off. */
export const SlaWarning = z
  .union([
    z.strictObject({ minutes: WarnMinutes, actions }),
    z.strictObject({ percent: z.int().min(1).max(99).describe('Of the target'), actions }),
  ])
  .meta({ id: 'SlaWarning' });
export type SlaWarning = z.infer<typeof SlaWarning>;

/** From when an item counts: when the case was created, or another instant that the case may come to have. */
const ApplicableFrom = z.union([z.enum(['createdOn', 'firstRespondedOn']), CustomFieldPath], {
  error: 'createdOn, firstRespondedOn or customFields.<name>',
});

export const SlaItem = z
  .strictObject({
    id: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9-]{0,62}$/, 'letters, digits and dashes'),
    kpi: KpiName,
    when: Condition.optional(),
    applicableFrom: ApplicableFrom.optional().describe('Default: createdOn. While the case has none, no clock runs'),
    targetMinutes: TargetMinutes,
    warnMinutes: WarnMinutes.optional(),
    warnings: z.array(SlaWarning).min(1).max(10).optional().describe('Several warnings, instead of `warnMinutes`'),
    warnInBusinessHours: z
      .boolean()
      .optional()
      .describe('A warning that falls outside the calendar’s hours waits for the next opening'),
    calendarId: Slug.optional().describe('Absent: around the clock'),
    allowPause: z.boolean().default(true),
    pauseWhen: Condition.optional().describe('Instead of the reasons that are on hold, and of the KPI’s own condition'),
    success: Condition.optional().describe('Met when this comes true, instead of by what the KPI’s name says'),
    onReopen: OnReopen.default('continue'),
    actions: z.strictObject({ warn: actions, breach: actions, success: actions }).optional(),
  })
  .refine(warnsInTime, WARNS_IN_TIME)
  .refine(({ warnMinutes, warnings }) => !(warnMinutes && warnings), {
    path: ['warnings'],
    error: 'stands instead of warnMinutes',
  })
  .refine(
    ({ targetMinutes, warnings = [] }) =>
      warnings.every((warning) => !('minutes' in warning) || warning.minutes < targetMinutes),
    { path: ['warnings'], error: 'each must be less than targetMinutes' },
  )
  .refine(({ kpi, success }) => MEASURED.includes(kpi) || success, {
    path: ['success'],
    error: `is required: Docket itself sees ${MEASURED.join(', ')} only`,
  })
  .refine(({ kpi }) => !/^stage[A-Z]/.test(kpi), { path: ['kpi'], error: 'is of a stage of a process flow' })
  .refine(({ kpi, applicableFrom }) => kpi !== 'nextResponse' || !applicableFrom, {
    path: ['applicableFrom'],
    error: 'a next response counts from the customer’s message',
  })
  .refine(({ kpi, onReopen }) => kpi !== 'totalResolution' || onReopen === 'continue', {
    path: ['onReopen'],
    error: 'a total resolution goes on over all reopenings',
  })
  .meta({ id: 'SlaItem' });
export type SlaItem = z.infer<typeof SlaItem>;

/** After how many business minutes an item warns, with parts of a minute where it says so in percent; in order. */
export const warningsOf = ({ targetMinutes, warnings = [] }: Pick<SlaItem, 'targetMinutes' | 'warnings'>): number[] =>
  inOrder({ targetMinutes, warnings }).map(({ minutes }) => minutes);

/** What an item's warning sets off, by its number. */
export const actionsOfWarning = (item: Pick<SlaItem, 'targetMinutes' | 'warnings'>, n: number): readonly Action[] =>
  inOrder(item)[n]?.actions ?? [];

const inOrder = ({ targetMinutes, warnings = [] }: Pick<SlaItem, 'targetMinutes' | 'warnings'>) =>
  warnings
    .map((warning) => ({
      minutes: 'minutes' in warning ? warning.minutes : (targetMinutes * warning.percent) / 100,
      actions: warning.actions,
    }))
    .sort((a, b) => a.minutes - b.minutes);

/** A service level agreement: ordered items, of which the first that applies counts for each KPI. */
export const Sla = z
  .strictObject({
    name: z.string().trim().min(1).max(200),
    isDefault: z.boolean().optional(),
    kpis: z
      .record(KpiName, z.strictObject({ pauseWhen: Condition }))
      .optional()
      .describe('When the clocks of a KPI pause, where the item does not say it'),
    items: z
      .array(SlaItem)
      .max(100)
      .refine((items) => new Set(items.map(({ id }) => id)).size === items.length, 'two items have the same id'),
  })
  .meta({ id: 'Sla' });
export type Sla = z.infer<typeof Sla>;

/** Every action of an SLA: what its clocks may set off. */
export const actionsOf = ({ items }: Sla): Action[] =>
  items.flatMap(({ actions = {}, warnings = [] }) =>
    [...Object.values(actions), ...warnings.map((warning) => warning.actions)].flatMap((list) => list ?? []),
  );

/** Every condition of an SLA: what choosing, meeting and pausing its clocks looks at. */
export const conditionsOf = ({ items, kpis = {} }: Sla): Condition[] =>
  [
    ...items.flatMap(({ when, success, pauseWhen }) => [when, success, pauseWhen]),
    ...Object.values(kpis).map(({ pauseWhen }) => pauseWhen),
  ].flatMap((condition) => condition ?? []);
