import { type Counted, count, type Entry, isPeopleTotal, named, peopleKeys, type Report, share } from './report.ts';

const rates = (counted: Counted): Entry => {
  const resolved = count(counted, 'cases', 'closed');
  const reopened = count(counted, 'reopened', 'closed');
  return { resolved, reopened, resolvedForGood: resolved - reopened, reopenRate: share(reopened, resolved) };
};

/** How many resolutions did not hold. */
export const reopenRate: Report = {
  name: 'reopen-rate',
  definition:
    'Resolutions, each in the moment it is dated, and how many of them were followed by a reopening, whenever that was: `reopenRate` is reopened ÷ resolved. Under `kpi` it tells the clocks that later ones replaced, by the moment at which they ended: what a case had kept or missed before it was reopened.',
  cubes: ['closed', 'superseded'],
  groupBy: ['reason', 'agent', 'team', 'queue', 'kpi'],
  keysOf({ cube, dims }, groupBy, context) {
    if (cube === 'superseded') return groupBy === 'kpi' ? [dims] : [];
    const [by, , status, reason = ''] = dims;
    if (status !== 'resolved') return [];
    if (groupBy === 'reason') return by === 'all' ? [[reason]] : [];
    return peopleKeys(dims, groupBy, context);
  },
  isCounted({ cube, dims }, groupBy) {
    const [by, , status] = dims;
    if (cube === 'superseded' || status !== 'resolved') return false;
    return groupBy === 'reason' || groupBy === 'kpi' ? by === 'all' : isPeopleTotal(dims, groupBy);
  },
  entriesOf: (keyed, groupBy, { reasons }) =>
    keyed.map(({ key: [id = ''], counted }) =>
      groupBy === 'kpi'
        ? {
            kpi: id,
            succeeded: count(counted, 'succeeded', 'superseded'),
            noncompliant: count(counted, 'noncompliant', 'superseded'),
          }
        : {
            [groupBy]: named(id),
            ...(groupBy === 'reason' && { label: reasons[id]?.label ?? id }),
            ...rates(counted),
          },
    ),
  totalsOf: rates,
};
