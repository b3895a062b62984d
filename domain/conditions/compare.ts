import { Priority, Severity } from '../cases/case.ts';

/** Words that have an order of their own, lowest first. */
const RANKS: Readonly<Record<string, readonly string[]>> = { priority: Priority.options, severity: Severity.options };

/**
 * Less than, equal to or more than zero, as the first value stands below, beside or above the second: by rank where the
 * field has ranks, else as numbers, as instants whatever their offset, or as text. Unlike kinds have no order.
 */
export const compare = (field: string, left: unknown, right: unknown): number | undefined => {
  const [a, b] = [measure(field, left), measure(field, right)];
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  if (typeof a === 'string' && typeof b === 'string') return a < b ? -1 : Number(a > b);
  return undefined;
};

const measure = (field: string, value: unknown): unknown => {
  if (typeof value !== 'string') return value;
  const ranks = RANKS[field];
  if (ranks) return ranks.includes(value) ? ranks.indexOf(value) : undefined;
  const ms = /^\d{4}-\d\d-\d\dT/.test(value) ? Date.parse(value) : Number.NaN;
  return Number.isNaN(ms) ? value : ms;
};
