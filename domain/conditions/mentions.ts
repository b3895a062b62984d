import type { Condition } from './condition.ts';

/** Whether a condition tests a field for a value anywhere, so that the value may not vanish. */
export const mentions = (condition: Condition, field: string, value: string): boolean => {
  if ('not' in condition) return mentions(condition.not, field, value);
  if ('all' in condition) return condition.all.some((part) => mentions(part, field, value));
  if ('any' in condition) return condition.any.some((part) => mentions(part, field, value));
  if (condition.field !== field || !('value' in condition)) return false;
  return Array.isArray(condition.value) ? condition.value.includes(value) : condition.value === value;
};

/** The fields that a condition looks at; `subjectPath` where it asks for a branch. */
export const fieldsIn = (condition: Condition): string[] => {
  if ('not' in condition) return fieldsIn(condition.not);
  if ('all' in condition) return condition.all.flatMap(fieldsIn);
  if ('any' in condition) return condition.any.flatMap(fieldsIn);
  return [condition.op === 'under' ? 'subjectPath' : condition.field];
};
