import { z } from 'zod';

const MINUTE = 60_000;

/** A metric as CloudWatch tells it from others: the same name with other dimensions is another one. */
export interface MetricName {
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: Readonly<Record<string, string>>;
}

/** Notes a value of a metric, as of now on the service clock. */
export type Measure = (namespace: string, name: string, dimensions: Record<string, string>, value: number) => void;

/** What was measured in a span of time: each value with how often it was. */
export type Values = ReadonlyMap<number, number>;

/** A line of a function's log in Embedded Metric Format, of which CloudWatch makes metrics. */
const Embedded = z.looseObject({
  _aws: z.object({
    Timestamp: z.number(),
    CloudWatchMetrics: z.array(
      z.object({
        Namespace: z.string(),
        Dimensions: z.array(z.array(z.string())),
        Metrics: z.array(z.object({ Name: z.string() })),
      }),
    ),
  }),
});
const Numbers = z.union([z.number().transform((one) => [one]), z.array(z.number())]);

const keyOf = ({ namespace, name, dimensions }: MetricName): string =>
  JSON.stringify([namespace, name, Object.entries(dimensions).sort()]);

/**
 * What CloudWatch would know: a value for each minute of the metrics that somebody watches, for as long as they are
 * looked back upon. It begins anew with each start of the host.
 */
export class Metrics {
  readonly #minutes = new Map<string, Map<number, Map<number, number>>>();
  readonly #kept: number;
  readonly #now: () => number;

  /** Keeps the watched metrics for `kept` milliseconds, and no others. */
  constructor(watched: readonly MetricName[], kept: number, now: () => number) {
    for (const metric of watched) this.#minutes.set(keyOf(metric), new Map());
    this.#kept = kept;
    this.#now = now;
  }

  readonly measure: Measure = (namespace, name, dimensions, value) =>
    this.#note({ namespace, name, dimensions }, this.#now(), value);

  /** Takes what a line of a log says in Embedded Metric Format; other lines say nothing. */
  readonly logged = (line: string): void => {
    if (!line.includes('"_aws"')) return;
    const parsed = Embedded.safeParse(parseJson(line));
    if (!parsed.success) return;
    const { _aws: told, ...members } = parsed.data;
    for (const { Namespace: namespace, Dimensions, Metrics: metrics } of told.CloudWatchMetrics) {
      for (const set of Dimensions) {
        const dimensions = Object.fromEntries(set.map((dimension) => [dimension, String(members[dimension])]));
        for (const { Name: name } of metrics) {
          for (const value of Numbers.safeParse(members[name]).data ?? [])
            this.#note({ namespace, name, dimensions }, told.Timestamp, value);
        }
      }
    }
  };

  /** What was measured from one instant to before another; empty where nothing was. */
  between(metric: MetricName, from: number, to: number): Values {
    const found = new Map<number, number>();
    for (const [minute, values] of this.#minutes.get(keyOf(metric)) ?? []) {
      if (minute < from || minute >= to) continue;
      for (const [value, times] of values) found.set(value, (found.get(value) ?? 0) + times);
    }
    return found;
  }

  #note(metric: MetricName, at: number, value: number): void {
    const minutes = this.#minutes.get(keyOf(metric));
    if (!minutes) return;
    const minute = Math.floor(at / MINUTE) * MINUTE;
    const values = minutes.get(minute) ?? new Map<number, number>();
    values.set(value, (values.get(value) ?? 0) + 1);
    if (minutes.has(minute)) return;
    minutes.set(minute, values);
    for (const old of minutes.keys()) if (old < minute - this.#kept) minutes.delete(old);
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
