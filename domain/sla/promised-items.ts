import type { CaseFile, Rules } from '../cases/case-file.ts';
import { fileLookup } from '../cases/case-lookup.ts';
import { isOnHold } from '../cases/status-reasons.ts';
import { evaluate } from '../conditions/condition.ts';
import { Instant } from '../time.ts';
import { chooseItems } from './choose-items.ts';
import type { KpiInstance, PromisedItem } from './kpi-instance.ts';
import type { SlaItem } from './sla.ts';

/** What the conditions of an SLA look at. */
export type Seen = Pick<CaseFile, 'case' | 'placement' | 'activities'>;

const lookupIn = (seen: Seen, { customer }: Rules) => fileLookup(seen, customer);

/** The items that apply to a case as it is: one for each KPI that it is promised. */
export const promisedItems = (seen: Seen, rules: Rules): PromisedItem[] => {
  const items: SlaItem[] = rules.sla ? chooseItems(rules.sla.document, lookupIn(seen, rules)) : [];
  return items.map((item) =>
    seen.case.excludedFromFirstResponse && item.kpi === 'firstResponse'
      ? { ...item, excludedFromStatistics: true }
      : item,
  );
};

/** The item that a clock was born from, as far as the case's SLA has it. */
export const itemOf = ({ slaId, itemId }: KpiInstance, { sla }: Rules): SlaItem | undefined =>
  sla?.id === slaId ? sla?.document.items.find(({ id }) => id === itemId) : undefined;

/** A target may take a hundred years of its calendar, and its deadline has to be written with four digits of the year. */
const LAST_START = '9899-12-31T23:59:59.999Z';

/** From when an item counts for a case; nothing while the case has no such instant, or none that a deadline could follow. */
export const startOf = ({ applicableFrom }: SlaItem, seen: Seen, rules: Rules): Instant | undefined => {
  if (applicableFrom === undefined) return seen.case.createdOn;
  const { data: from } = Instant.safeParse(lookupIn(seen, rules)(applicableFrom));
  return from !== undefined && from <= LAST_START ? from : undefined;
};

/** Whether what an item names as success is so. */
export const isMet = (item: SlaItem | undefined, seen: Seen, rules: Rules): boolean =>
  item?.success !== undefined && evaluate(item.success, lookupIn(seen, rules)).matched;

/**
 * Whether a clock of a KPI has to wait: by the condition of its item, or else of its KPI, or else because the case's
 * reason is on hold.
 */
export const isHeld = (kpi: string, item: SlaItem | undefined, seen: Seen, rules: Rules): boolean => {
  const condition = item?.pauseWhen ?? rules.sla?.document.kpis?.[kpi]?.pauseWhen;
  return condition ? evaluate(condition, lookupIn(seen, rules)).matched : isOnHold(seen.case, rules);
};
