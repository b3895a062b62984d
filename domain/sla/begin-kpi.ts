import type { Instant } from '../time.ts';
import type { Calendar } from './calendar.ts';
import { deadlines } from './deadlines.ts';
import { explainDeadline } from './explain-deadline.ts';
import { about, type KpiChange } from './kpi-change.ts';
import type { KpiInstance, KpiSegment, KpiTerms } from './kpi-instance.ts';
import { countedBy, usedIn } from './segments.ts';

/** How a clock comes into the world. */
export type Beginning = {
  caseId: string;
  generation: number;
  /** The promise that it goes on with, if it takes another clock's place. */
  promise?: number;
  startedAt: Instant;
  /** From when it runs or, when it is held, waits. */
  at: Instant;
  /** What earlier clocks of this KPI have lived through and it goes on from; a wait that lasts is left open. */
  history: readonly KpiSegment[];
  held: boolean;
  /** The warnings that were given in its history and are not to be repeated. */
  warning?: Pick<KpiInstance, 'warnAt' | 'warnedAt' | 'warnTimes' | 'warningsGiven'>;
  cause: string;
};

/** The first state of a clock: running with its deadlines set, or paused with none, and the fact that says so. */
export const beginKpi = (terms: KpiTerms, calendar: Calendar | undefined, beginning: Beginning): KpiChange => {
  const { caseId, generation, promise, startedAt, at, history, held, cause, warning } = beginning;
  const usedMs = usedIn(history);
  const common = {
    ...terms,
    ...warning,
    caseId,
    generation,
    ...(promise && { promise }),
    epoch: 1,
    revision: 1,
    startedAt,
    usedMs,
  };

  const wait = history.at(-1)?.to === undefined ? history.at(-1) : undefined;
  const instance: KpiInstance = held
    ? {
        ...common,
        status: 'paused',
        pausedAt: wait?.from ?? at,
        segments: wait
          ? [...history.slice(0, -1), { ...wait, ...countedBy(terms) }]
          : [...history, { from: at, kind: 'paused', cause, ...countedBy(terms) }],
      }
    : {
        ...common,
        ...deadlines(common, calendar, at),
        status: common.warnedAt ? 'nearingNoncompliance' : 'inProgress',
        runningSince: at,
        segments: [...history, { from: at, kind: 'running', cause, ...countedBy(terms) }],
      };
  const { warnAt, failAt, slaId } = instance;
  const because = explainDeadline(instance, calendar);
  return {
    instance,
    facts: [{ type: 'sla.started', occurredAt: at, ...about(instance), slaId, warnAt, failAt, cause, because }],
  };
};
