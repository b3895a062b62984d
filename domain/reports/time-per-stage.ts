import { type Counted, count, type Entry, type Report } from './report.ts';

const mean = (sum: number, n: number): number | null => (n === 0 ? null : Math.round(sum / n));

const times = (counted: Counted): Entry => {
  const [visits, minutes, businessMinutes] = ['visits', 'minutes', 'businessMinutes'].map((measure) =>
    count(counted, measure, 'stages'),
  );
  return {
    visits,
    minutes,
    meanMinutes: mean(minutes ?? 0, visits ?? 0),
    businessMinutes,
    meanBusinessMinutes: mean(businessMinutes ?? 0, visits ?? 0),
  };
};

/** How long cases stay in the stages of their process flows. */
export const timePerStage: Report = {
  name: 'time-per-stage',
  definition:
    'Visits of stages, each in the moment it ended, and how long they were: `minutes` around the clock, `businessMinutes` by the flow’s calendar. A case that comes to a stage again visits it again; closing a case ends its visit. Visits that last are not counted yet.',
  cubes: ['stages'],
  groupBy: ['stage', 'flow'],
  keysOf: ({ dims: [flowId = '', stage = ''] }, groupBy) => [groupBy === 'flow' ? [flowId] : [flowId, stage]],
  isCounted: () => true,
  entriesOf: (keyed, groupBy, { flows }) =>
    keyed.map(({ key: [flowId = '', stage = ''], counted }) => {
      const flow = flows.get(flowId);
      const name = flow?.stages.find(({ id }) => id === stage)?.name;
      return {
        flow: flowId,
        flowName: flow?.name ?? null,
        ...(groupBy === 'stage' && { stage, name: name ?? null }),
        ...times(counted),
      };
    }),
  totalsOf: times,
};
