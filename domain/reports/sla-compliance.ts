import { type Counted, count, type Entry, named, type Report, share } from './report.ts';

const outcomes = (counted: Counted): Entry => {
  const of = (outcome: string): number => count(counted, outcome, 'promised');
  const [succeeded, noncompliant] = [of('succeeded'), of('noncompliant')];
  return {
    succeeded,
    noncompliant,
    cancelled: of('cancelled'),
    paused: of('paused'),
    open: of('open'),
    compliance: share(succeeded, succeeded + noncompliant),
  };
};

/** Whether promises were kept. */
export const slaCompliance: Report = {
  name: 'sla-compliance',
  definition:
    'Of the cases opened in the period, each KPI with the outcome that it has now: succeeded ÷ (succeeded + noncompliant) is the compliance; cancelled, paused and open clocks are counted beside it. Of each case and KPI the latest clock that is not cancelled counts; clocks from before a reopening are in the report `reopen-rate`. Priority and SLA are those of now, the tier is the one that the customer had when the case came to be theirs.',
  cubes: ['promised'],
  groupBy: ['kpi', 'priority', 'tier', 'sla'],
  keysOf({ dims: [kpi = '', priority = '', tier = '', sla = ''] }, groupBy) {
    const within: Record<string, string> = { priority, tier, sla };
    const group = within[groupBy];
    return [group === undefined ? [kpi] : [kpi, group]];
  },
  isCounted: () => true,
  entriesOf: (keyed, groupBy) =>
    keyed.map(({ key: [kpi, group], counted }) => ({
      kpi,
      ...(groupBy !== 'kpi' && { [groupBy]: named(group) }),
      ...outcomes(counted),
    })),
  totalsOf: outcomes,
};
