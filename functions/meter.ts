import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';

/** What is counted of the timers of clocks; `docs/sla.md` says what each tells. */
export type Counted =
  | 'TimersArmed'
  | 'TimersNotArmed'
  | 'TimersPaused'
  | 'TimersFired'
  | 'TimersFiredOnTime'
  | 'StaleAlarms';

/** Counts what happens; whoever is not measured counts for nobody. */
export interface Meter {
  count(what: Counted): void;
  /** How long after it was due a warning or a breach was recorded. */
  late(ms: number): void;
}

export const silentMeter: Meter = { count: () => {}, late: () => {} };

/** Metrics of one stage, so that two of them in an account do not mix; `service` is a dimension by itself. */
export const metricsOf = (stage: string): Metrics => new Metrics({ defaultDimensions: { stage } });

/** A meter that writes Embedded Metric Format to the log once they are published. */
export const meterOn = (metrics: Metrics): Meter => ({
  count: (what) => metrics.addMetric(what, MetricUnit.Count, 1),
  late: (ms) => metrics.addMetric('TimerLateness', MetricUnit.Milliseconds, ms),
});

/** Publishes what has been counted, if anything has. */
export const publish = (metrics: Metrics): void => {
  if (metrics.hasStoredMetrics()) metrics.publishStoredMetrics();
};
