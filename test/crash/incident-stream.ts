import { toInstant } from '../../domain/time.ts';
import type { Row } from '../replay/rows.ts';
import type { Random } from './random.ts';

const MINUTE = 60_000;
const DAY = 1_440 * MINUTE;
/** A Monday, nine o'clock. */
const START = Date.parse('2016-03-07T09:00:00Z');

/** Stands in for the incident log where that is not at hand: incidents with all that the log has, made by chance. */
export const madeUpIncidents = (count: number, random: Random): Row[] => {
  let line = 1;
  return Array.from({ length: count }, (_, n) => {
    const states = lifeOf(random);
    const openedAt = START + random.below(3 * 480) * MINUTE;
    const group = () => random.pick(['Group 1', 'Group 2', 'Group 3', 'Group 4']);
    let at = openedAt;
    let row: Row = {
      line,
      number: `MADE${String(n + 1).padStart(4, '0')}`,
      state: 'New',
      change: 0,
      madeSla: true,
      caller: `Caller ${random.below(count)}`,
      openedAt: toInstant(openedAt),
      at: toInstant(openedAt),
      updatedBy: 'Updated by 1',
      contactType: random.pick(['Phone', 'Email', 'Self service']),
      location: 'Location 1',
      category: random.pick(['Category 1', 'Category 2', 'Category 3']),
      subcategory: random.pick(['Subcategory 1', 'Subcategory 2']),
      symptom: 'Symptom 1',
      impact: random.pick(['1 - High', '2 - Medium', '3 - Low']),
      priority: random.pick(['1 - Critical', '2 - High', '3 - Moderate', '4 - Low']),
      group: group(),
      assignee: undefined,
      problem: undefined,
      closedCode: random.pick(['code 6', 'code 7']),
      resolver: 'Resolved by 1',
    };
    return states.map((state, change): Row => {
      line += 1;
      if (change > 0) at += random.below(random.pick([30, 30, 240, 1_440])) * MINUTE;
      row = {
        ...row,
        line,
        state,
        change,
        at: toInstant(Math.min(at, openedAt + 14 * DAY)),
        ...(random.below(4) === 0 && { group: group() }),
        ...(random.below(2) === 0 && { assignee: `Resolver ${random.below(6)}` }),
        ...(random.below(12) === 0 && { priority: '1 - Critical' as const }),
        ...(random.below(10) === 0 && { problem: `Problem ${random.below(3)}` }),
      };
      return row;
    });
  }).flat();
};

/** Some are solved at once, some wait for somebody, some come back, some stay open. */
const lifeOf = (random: Random): Row['state'][] =>
  random.pick<Row['state'][]>([
    ['New', 'Resolved'],
    ['New', 'Active', 'Active', 'Resolved'],
    ['New', 'Active', 'Awaiting User Info', 'Active', 'Resolved'],
    ['New', 'Awaiting User Info', 'Awaiting Problem', 'Resolved', 'Active', 'Resolved'],
    ['New', 'Active', 'Awaiting Vendor', 'Awaiting Evidence', 'Active'],
    ['New', 'Active'],
    ['New', 'Awaiting User Info'],
  ]);
