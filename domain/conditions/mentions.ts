import type { Condition } from './condition.ts';

/** Whether a condition tests a field for a value anywhere, so that the value may not vanish. */
export const mentions = (condition: Condition, field: string, value: string): boolean => {
  if ('not' in condition) return mentions(condition.not, field, value);
  if ('all' in condition) return condition.all.some((part) => mentions(part, field, value));
  if ('any' in condition) return condition.any.some((part) => mentions(part, field, value));
  if (condition.field !== field || !('value' in condition)) return false;
  return Array.isArray(condition.value) ? condition.value.includes(value) : condition.value === value;
};
