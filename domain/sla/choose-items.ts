import { evaluate, type Lookup } from '../conditions/condition.ts';
import type { Sla, SlaItem } from './sla.ts';

/** The items that apply to a case: from the top, the first of each KPI whose condition holds. */
export const chooseItems = ({ items }: Sla, lookup: Lookup): SlaItem[] => {
  const chosen = new Map<string, SlaItem>();
  for (const item of items) {
    if (chosen.has(item.kpi)) continue;
    if (!item.when || evaluate(item.when, lookup).matched) chosen.set(item.kpi, item);
  }
  return [...chosen.values()];
};
