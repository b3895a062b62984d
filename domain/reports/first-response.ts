import { RESPONSE_STEPS } from './counts.ts';
import { type Counted, count, type Entry, isPeopleTotal, named, peopleKeys, type Report } from './report.ts';

const speed = (counted: Counted): Entry => {
  const of = (measure: string): number => count(counted, measure, 'responded');
  const responded = of('cases');
  return {
    responded,
    averageMinutes: responded === 0 ? null : Math.round(of('minutes') / responded),
    ...Object.fromEntries(RESPONSE_STEPS.map((step) => [`within${step}Minutes`, of(`within${step}`)])),
    excluded: of('excluded'),
  };
};

const isPeople = (groupBy: string): boolean => ['agent', 'team', 'queue'].includes(groupBy);

/** How long customers waited for an answer. */
export const firstResponse: Report = {
  name: 'first-response',
  definition:
    'First public answers by a person, each in the moment it was given, with the minutes since the case was opened, around the clock (business time is in `sla-compliance`). A call or chat that an agent logs is answered at once. Answers on children that an agent opened are counted as `excluded` and in nothing else.',
  cubes: ['responded'],
  groupBy: ['agent', 'team', 'queue', 'origin', 'priority'],
  keysOf: ({ dims }, groupBy, context) =>
    isPeople(groupBy) ? peopleKeys(dims, groupBy, context) : dims[0] === groupBy ? [dims.slice(1)] : [],
  isCounted: ({ dims }, groupBy) => (isPeople(groupBy) ? isPeopleTotal(dims, groupBy) : dims[0] === groupBy),
  entriesOf: (keyed, groupBy) => keyed.map(({ key: [id], counted }) => ({ [groupBy]: named(id), ...speed(counted) })),
  totalsOf: speed,
};
