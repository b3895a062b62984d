import { z } from 'zod';
import { Slug } from '../cases/case.ts';
import { Condition } from '../conditions/condition.ts';
import { Action } from './action.ts';

/** `firstResponse`, `resolve`, or an organisation's own word. */
export const KpiName = z
  .string()
  .regex(/^[a-z][A-Za-z0-9]{0,23}$/, 'a word of up to 24 letters and digits that starts with a small letter')
  .meta({ id: 'KpiName', examples: ['resolve'] });

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

export const SlaItem = z
  .strictObject({
    id: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9-]{0,62}$/, 'letters, digits and dashes'),
    kpi: KpiName,
    when: Condition.optional(),
    targetMinutes: TargetMinutes,
    warnMinutes: WarnMinutes.optional(),
    calendarId: Slug.optional().describe('Absent: around the clock'),
    allowPause: z.boolean().default(true),
    onReopen: OnReopen.default('continue'),
    actions: z.strictObject({ warn: actions, breach: actions, success: actions }).optional(),
  })
  .refine(warnsInTime, WARNS_IN_TIME)
  .meta({ id: 'SlaItem' });
export type SlaItem = z.infer<typeof SlaItem>;

/** A service level agreement: ordered items, of which the first that applies counts for each KPI. */
export const Sla = z
  .strictObject({
    name: z.string().trim().min(1).max(200),
    isDefault: z.boolean().optional(),
    items: z
      .array(SlaItem)
      .max(100)
      .refine((items) => new Set(items.map(({ id }) => id)).size === items.length, 'two items have the same id'),
  })
  .meta({ id: 'Sla' });
export type Sla = z.infer<typeof Sla>;
