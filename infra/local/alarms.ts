import { z } from 'zod';
import { HostProblem } from './host-problem.ts';
import type { MetricName, Metrics, Values } from './metrics.ts';
import { type CloudApp, propertiesOf } from './template.ts';

const MINUTE = 60_000;

const Comparison = z.enum([
  'GreaterThanOrEqualToThreshold',
  'GreaterThanThreshold',
  'LessThanThreshold',
  'LessThanOrEqualToThreshold',
]);
const COMPARISONS: Record<z.infer<typeof Comparison>, (value: number, threshold: number) => boolean> = {
  GreaterThanOrEqualToThreshold: (value, threshold) => value >= threshold,
  GreaterThanThreshold: (value, threshold) => value > threshold,
  LessThanThreshold: (value, threshold) => value < threshold,
  LessThanOrEqualToThreshold: (value, threshold) => value <= threshold,
};

const total = (values: Values) => [...values].reduce((sum, [value, times]) => sum + value * times, 0);
const count = (values: Values) => [...values.values()].reduce((sum, times) => sum + times, 0);

const Statistic = z.enum(['Sum', 'SampleCount', 'Average', 'Maximum', 'Minimum']);
const STATISTICS: Record<z.infer<typeof Statistic>, (values: Values) => number> = {
  Sum: total,
  SampleCount: count,
  Average: (values) => total(values) / count(values),
  Maximum: (values) => Math.max(...values.keys()),
  Minimum: (values) => Math.min(...values.keys()),
};

const percentile = (values: Values, percent: number): number => {
  const nth = Math.ceil((percent / 100) * count(values));
  let seen = 0;
  for (const [value, times] of [...values].sort(([a], [b]) => a - b)) {
    seen += times;
    if (seen >= nth) return value;
  }
  return Number.NaN;
};

const Properties = z.strictObject({
  AlarmName: z.string(),
  AlarmDescription: z.string().default(''),
  AlarmActions: z.array(z.string()).default([]),
  Namespace: z.string(),
  MetricName: z.string(),
  Dimensions: z.array(z.object({ Name: z.string(), Value: z.string() })).default([]),
  Statistic: Statistic.optional(),
  ExtendedStatistic: z
    .string()
    .regex(/^p\d+(\.\d+)?$/)
    .optional(),
  Period: z.int().multipleOf(60),
  EvaluationPeriods: z.int(),
  DatapointsToAlarm: z.int().optional(),
  Threshold: z.number(),
  ComparisonOperator: Comparison,
  TreatMissingData: z.enum(['breaching', 'notBreaching']),
  Tags: z.unknown().optional(),
});

const Composite = z.strictObject({
  AlarmName: z.string(),
  AlarmDescription: z.string().default(''),
  AlarmActions: z.array(z.string()).default([]),
  AlarmRule: z.string(),
  Tags: z.unknown().optional(),
});

export interface AlarmState {
  readonly name: string;
  readonly state: 'OK' | 'ALARM';
  readonly description: string;
  /** What was measured, the newest period first; null where nothing was. */
  readonly values?: readonly (number | null)[];
}

/** The alarms of the templates, which watch the metrics that the functions and the local services really give. */
export interface Alarms {
  readonly watched: readonly MetricName[];
  /** How far back the furthest of them looks. */
  readonly looksBack: number;
  /** Each alarm as it stands now. */
  states(metrics: Metrics, now: number): AlarmState[];
}

interface Alarm {
  readonly arn: string;
  readonly metric: MetricName;
  readonly looksBack: number;
  evaluate(metrics: Metrics, now: number): AlarmState;
}

export function alarmsOf(app: CloudApp): Alarms {
  const alarms = app.ofType('AWS::CloudWatch::Alarm').map((resource): Alarm => {
    const alarm = propertiesOf(resource, Properties);
    const metric = {
      namespace: alarm.Namespace,
      name: alarm.MetricName,
      dimensions: Object.fromEntries(alarm.Dimensions.map(({ Name, Value }) => [Name, Value])),
    };
    return {
      arn: resource.arn,
      metric,
      looksBack: alarm.Period * 1000 * alarm.EvaluationPeriods,
      evaluate: (metrics, now) => evaluate(alarm, metric, metrics, now),
    };
  });
  const composites = app.ofType('AWS::CloudWatch::CompositeAlarm').map((resource) => {
    const { AlarmName: name, AlarmDescription: description, AlarmRule } = propertiesOf(resource, Composite);
    return { name, description, parts: anyOf(name, AlarmRule) };
  });
  return {
    watched: alarms.map(({ metric }) => metric),
    looksBack: Math.max(0, ...alarms.map(({ looksBack }) => looksBack)),
    states(metrics, now) {
      const states = new Map(alarms.map((alarm) => [alarm.arn, alarm.evaluate(metrics, now)]));
      const together = composites.map(({ name, description, parts }): AlarmState => {
        const rings = parts.some((arn) => states.get(arn)?.state === 'ALARM');
        return { name, description, state: rings ? 'ALARM' : 'OK' };
      });
      return [...together, ...states.values()];
    },
  };
}

/** Periods end with the minute that is under way: what has just happened counts, as it does in CloudWatch. */
function evaluate(alarm: z.infer<typeof Properties>, metric: MetricName, metrics: Metrics, now: number): AlarmState {
  const period = alarm.Period * 1000;
  const end = (Math.floor(now / MINUTE) + 1) * MINUTE;
  const values = Array.from({ length: alarm.EvaluationPeriods }, (_, n) => {
    const found = metrics.between(metric, end - (n + 1) * period, end - n * period);
    return found.size > 0 ? statistic(alarm, found) : null;
  });
  const breaching = values.filter((value) =>
    value === null
      ? alarm.TreatMissingData === 'breaching'
      : COMPARISONS[alarm.ComparisonOperator](value, alarm.Threshold),
  );
  const rings = breaching.length >= (alarm.DatapointsToAlarm ?? alarm.EvaluationPeriods);
  return { name: alarm.AlarmName, state: rings ? 'ALARM' : 'OK', description: alarm.AlarmDescription, values };
}

const statistic = (alarm: z.infer<typeof Properties>, values: Values): number =>
  alarm.Statistic ? STATISTICS[alarm.Statistic](values) : percentile(values, Number(alarm.ExtendedStatistic?.slice(1)));

/** The alarms of a rule that any one of them fulfils, which is the only kind of rule that the host knows. */
function anyOf(name: string, rule: string): string[] {
  const parts = rule.replace(/^\(|\)$/g, '').split(' OR ');
  return parts.map((part) => {
    const [, arn] = /^\(?ALARM\("([^"]+)"\)?\)?$/.exec(part.trim()) ?? [];
    if (arn === undefined)
      throw new HostProblem(`The alarm ${name} has a rule that the local host cannot read: ${rule}.`);
    return arn;
  });
}
