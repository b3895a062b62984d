import { count, isPeopleTotal, named, peopleKeys, type Report } from './report.ts';

/** Why cases were closed. */
export const closedByReason: Report = {
  name: 'closed-by-reason',
  definition:
    'Closings, each in the moment it is dated: resolutions and cancellations by status reason, merged cases and spam included. A case that was reopened and closed again counts once for each closing. An agent’s closings are those that the agent made or set going.',
  cubes: ['closed'],
  groupBy: ['reason', 'agent', 'team', 'queue'],
  keysOf({ dims }, groupBy, context) {
    const [by, , status = '', reason = ''] = dims;
    if (groupBy === 'reason') return by === 'all' ? [[status, reason]] : [];
    return peopleKeys(dims, groupBy, context).map((key) => [...key, status, reason]);
  },
  isCounted: ({ dims }, groupBy) => (groupBy === 'reason' ? dims[0] === 'all' : isPeopleTotal(dims, groupBy)),
  entriesOf: (keyed, groupBy, { reasons }) =>
    keyed.map(({ key, counted }) => {
      const [id, status, reason = ''] = groupBy === 'reason' ? [undefined, ...key] : key;
      return {
        ...(groupBy !== 'reason' && { [groupBy]: named(id) }),
        status,
        reason,
        label: reasons[reason]?.label ?? reason,
        closed: count(counted, 'cases', 'closed'),
      };
    }),
  totalsOf: (counted) => ({ closed: count(counted, 'cases', 'closed') }),
};
