import { type Counted, count, type Entry, named, type Report } from './report.ts';

const totalsOf = (counted: Counted): Entry => ({ breaches: count(counted, 'clocks', 'breached') });

/** Why promises were broken. */
export const breachCauses: Report = {
  name: 'breach-causes',
  definition:
    'Breaches of all clocks, replaced ones included, each in the moment it was due, by the cause that somebody acknowledged; without one nobody has answered for it yet.',
  cubes: ['breached'],
  groupBy: ['cause', 'kpi', 'priority'],
  keysOf({ dims: [kpi = '', cause = '', priority = ''] }, groupBy) {
    const groups: Record<string, string> = { kpi, cause, priority };
    return [[groups[groupBy] ?? '']];
  },
  isCounted: () => true,
  entriesOf: (keyed, groupBy) =>
    keyed.map(({ key: [id], counted }) => ({ [groupBy]: named(id), ...totalsOf(counted) })),
  totalsOf,
};
