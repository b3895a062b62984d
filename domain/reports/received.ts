import type { Cube } from './cell.ts';
import { type Counted, count, type Entry, isPeopleTotal, named, peopleKeys, type Report } from './report.ts';

const measures = (counted: Counted): Entry => ({
  received: count(counted, 'cases', 'received'),
  firstResponded: count(counted, 'cases', 'responded'),
  resolved: count(counted, 'cases', 'closed'),
});

/** Only resolutions count among the closings. */
const isResolution = (cube: Cube, dims: readonly string[]): boolean => cube !== 'closed' || dims[2] === 'resolved';

/** The work of people, teams and queues. */
export const received: Report = {
  name: 'received',
  definition:
    'Cases received, first responses given and resolutions made, each in the moment it happened. A case is received by an agent or team when it becomes theirs for the first time, by a queue when it first stands in it, and by the agent who opens a child case. A first response and a resolution are the agent’s who made them and the queue’s in which the case stood; children that an agent opened have no first response. A team has what its present members have and what it was given itself.',
  cubes: ['received', 'responded', 'closed'],
  groupBy: ['agent', 'team', 'queue'],
  keysOf: ({ cube, dims }, groupBy, context) => (isResolution(cube, dims) ? peopleKeys(dims, groupBy, context) : []),
  isCounted: ({ cube, dims }, groupBy) => isResolution(cube, dims) && isPeopleTotal(dims, groupBy),
  entriesOf: (keyed, groupBy) =>
    keyed
      .map(({ key: [id], counted }) => ({ [groupBy]: named(id), ...measures(counted) }))
      .filter(({ received, firstResponded, resolved }: Entry) => received || firstResponded || resolved),
  totalsOf: measures,
};
