import { KpiInstance } from '../../domain/sla/kpi-instance.ts';
import type { WriteCondition } from '../table/expression.ts';
import { calendarKeys } from '../table/keys.ts';
import type { StoredItem } from '../table/table.ts';

/** What an item lacks, and what must still hold of it when that is written. */
export interface Change {
  readonly set: Record<string, unknown>;
  readonly conditions: readonly WriteCondition[];
}

/** A change of items that an earlier release wrote. Items that have it already, or are none of its kind, are left alone. */
export interface Migration {
  readonly id: string;
  /** What does not work until it has run. */
  readonly without: string;
  due(item: StoredItem): Change | undefined;
}

/** Before clocks could be recomputed, none was listed by the calendar that it counts by. */
const clocksByCalendar: Migration = {
  id: 'clocks-by-calendar',
  without: 'clocks that were started before are left out when a calendar’s open clocks are counted again',
  due(item) {
    if (item.entity !== 'kpi' || item.GSI2PK !== undefined) return undefined;
    const instance = KpiInstance.parse(item);
    const set = calendarKeys(instance);
    if (Object.keys(set).length === 0) return undefined;
    const asRead = (['epoch', 'status', 'calendarVersion'] as const).map(
      (attribute): WriteCondition => ({ attribute, is: 'equal', value: instance[attribute] }),
    );
    return { set, conditions: asRead };
  },
};

/** In the order in which they run. One that every table has been through may be taken out, with the code that waits for it. */
export const MIGRATIONS: readonly Migration[] = [clocksByCalendar];
