import type { Condition } from './condition.ts';

/** Every field that a condition tests. */
export const fieldsIn = (condition: Condition): string[] => {
  if ('not' in condition) return fieldsIn(condition.not);
  if ('all' in condition) return condition.all.flatMap(fieldsIn);
  if ('any' in condition) return condition.any.flatMap(fieldsIn);
  return [condition.field];
};
