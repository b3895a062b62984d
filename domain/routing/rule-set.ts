import { z } from 'zod';
import { OwnerId, Slug } from '../cases/case.ts';
import { Condition } from '../conditions/condition.ts';

const to = { id: Slug, when: Condition };

/** An ordered list of rules: the first whose condition holds decides; where none does, the default queue. */
export const RoutingRuleSet = z
  .strictObject({
    name: z.string().trim().min(1).max(200),
    rules: z
      .array(z.union([z.strictObject({ ...to, queueId: Slug }), z.strictObject({ ...to, ownerId: OwnerId })]))
      .max(500)
      .refine((rules) => new Set(rules.map(({ id }) => id)).size === rules.length, 'two rules have the same id'),
    defaultQueueId: Slug,
  })
  .meta({ id: 'RoutingRuleSet' });
export type RoutingRuleSet = z.infer<typeof RoutingRuleSet>;
