import { z } from 'zod';

/** A word for what somebody can do (`german`, `c++`, `vip`); lower case, so that no rule misses by a capital. */
export const Skill = z
  .string()
  .trim()
  .max(60)
  .toLowerCase()
  .regex(/^[\p{L}\p{N}][\p{L}\p{N}+#._-]*$/u, 'one word')
  .meta({ id: 'Skill' });

/** Skills of a person or team, or those that a rule asks for. */
export const Skills = z.array(Skill).max(100);
