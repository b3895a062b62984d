import { z } from 'zod';
import { OwnerId, Slug } from '../cases/case.ts';
import { Condition } from '../conditions/condition.ts';
import { Skills } from '../people/skill.ts';

const to = {
  id: Slug,
  when: Condition,
  requiredSkills: Skills.optional().describe(
    'The owner, or one member of the queue, must have all of them; otherwise the rule does not match',
  ),
};

/** A rule sends a case to a queue or to an owner, or dismisses it as spam. */
const Rule = z.union([
  z.strictObject({ ...to, queueId: Slug }),
  z.strictObject({ ...to, ownerId: OwnerId }),
  z.strictObject({ id: Slug, when: Condition, spam: z.literal(true) }),
]);
export type RoutingRule = z.infer<typeof Rule>;

/** An ordered list of rules: the first whose condition holds decides; where none does, the default queue. */
export const RoutingRuleSet = z
  .strictObject({
    name: z.string().trim().min(1).max(200),
    rules: z
      .array(Rule)
      .max(500)
      .refine((rules) => new Set(rules.map(({ id }) => id)).size === rules.length, 'two rules have the same id'),
    defaultQueueId: Slug,
  })
  .meta({ id: 'RoutingRuleSet' });
export type RoutingRuleSet = z.infer<typeof RoutingRuleSet>;
