import { z } from 'zod';
import counted from './counts.json' with { type: 'json' };
import { PRICES, PRICES_NOTED, type Priced } from './prices.ts';

const MINUTES_A_MONTH = 43_800;
const GB = 1024 ** 3;

/** What one thing spends: a minute in which nothing happens, or the life of a case. `npm run bench:case` counts it. */
const Spent = z.object({
  requests: z.number(),
  invocations: z.number(),
  gbSeconds: z.number(),
  writeUnits: z.number(),
  readUnits: z.number(),
  transitions: z.number(),
  events: z.number(),
  logBytes: z.number(),
  keptBytes: z.number(),
});
export type Spent = z.infer<typeof Spent>;
export const Counts = z.object({ idleMinute: Spent, case: Spent });

const Resource = z.object({ Type: z.string(), Properties: z.record(z.string(), z.unknown()).default({}) });
export const Templates = z.array(z.object({ Resources: z.record(z.string(), Resource) }));

/** A line of the statement: how much of something, and what that comes to. */
interface Line {
  of: Priced;
  amount: number;
  usd: number;
}

const line = (of: Priced, amount: number): Line => ({ of, amount, usd: amount * PRICES[of].usd });
const total = (lines: readonly Line[]) => lines.reduce((sum, { usd }) => sum + usd, 0);

/** What something that was counted costs, so many times. */
const spending = (spent: Spent, times: number): Line[] => [
  line('HTTP API, a million requests', (spent.requests * times) / 1e6),
  line('Lambda, a million requests', (spent.invocations * times) / 1e6),
  line('Lambda on arm64, a GB-second', spent.gbSeconds * times),
  line('DynamoDB on demand, a million write units', (spent.writeUnits * times) / 1e6),
  line('DynamoDB on demand, a million read units', (spent.readUnits * times) / 1e6),
  line('DynamoDB, a GB kept for a month', (spent.keptBytes * times) / GB),
  line('DynamoDB, a GB of point-in-time recovery for a month', (spent.keptBytes * times) / GB),
  line('Step Functions Standard, a thousand transitions', (spent.transitions * times) / 1e3),
  line('EventBridge, a million events', (spent.events * times) / 1e6),
  line('CloudWatch Logs, a GB taken in', (spent.logBytes * times) / GB),
  // At most: by default one request in twenty is traced, and one a second.
  line('X-Ray, a million traces', (spent.invocations * times) / 1e6),
];

/** What each mapping of a stream reports when it is asked to count events. */
const METRICS_OF_A_MAPPING = 6;

/** What is there month by month, whoever uses it. */
const standing = (templates: z.infer<typeof Templates>): Line[] => {
  const resources = templates.flatMap(({ Resources }) => Object.values(Resources));
  const ofType = (type: string) => resources.filter(({ Type }) => Type === type);
  const text = JSON.stringify(resources);
  // In alarms as properties, on the dashboard within the text of its body.
  const own = new Set([
    ...ofType('AWS::CloudWatch::Alarm')
      .filter(({ Properties }) => Properties.Namespace === 'Docket')
      .map(({ Properties }) => String(Properties.MetricName)),
    ...[...text.matchAll(/\\+"Docket\\+",\\+"(\w+)/g)].map(([, metric]) => metric),
  ]);
  const machines = ofType('AWS::Cognito::UserPoolClient').filter(({ Properties }) =>
    JSON.stringify(Properties).includes('client_credentials'),
  );
  const mappings = ofType('AWS::Lambda::EventSourceMapping').length;
  const acls = ofType('AWS::WAFv2::WebACL');
  const rules = acls.flatMap(({ Properties }) => z.array(z.unknown()).parse(Properties.Rules));
  return [
    line('CloudWatch, an alarm for a month', ofType('AWS::CloudWatch::Alarm').length),
    line('CloudWatch, a composite alarm for a month', ofType('AWS::CloudWatch::CompositeAlarm').length),
    line('CloudWatch, a dashboard for a month', ofType('AWS::CloudWatch::Dashboard').length),
    line('CloudWatch, a metric of one’s own for a month', own.size + mappings * METRICS_OF_A_MAPPING),
    line('KMS, a key for a month', ofType('AWS::KMS::Key').length),
    line('Cognito, a machine client for a month', machines.length),
    line('WAF, a web ACL for a month', acls.length),
    line('WAF, a rule for a month', rules.length),
  ];
};

export interface Cost {
  /** A month in which nobody does anything. */
  empty: Line[];
  /** A thousand cases, each through its whole life. */
  thousandCases: Line[];
}

/** What a stage costs, by its templates and by what was counted. */
export const costOf = (templates: unknown, counts: unknown = counted): Cost => {
  const { idleMinute, case: life } = Counts.parse(counts);
  const parsed = Templates.parse(templates);
  const empty = [
    ...standing(parsed),
    ...spending(idleMinute, MINUTES_A_MONTH),
    // The canary's cases live as others do.
    ...spending(life, canaries(parsed) * (MINUTES_A_MONTH / 15)),
  ];
  return {
    empty: summedUp(empty).filter(isSomething),
    thousandCases: spending(life, 1000).filter(isSomething),
  };
};

const canaries = (templates: z.infer<typeof Templates>): number =>
  templates
    .flatMap(({ Resources }) => Object.values(Resources))
    .filter(({ Properties }) => Properties.ScheduleExpression === 'rate(15 minutes)').length;

const summedUp = (lines: readonly Line[]): Line[] =>
  [...Map.groupBy(lines, ({ of }) => of)].map(([of, some]) =>
    line(
      of,
      some.reduce((sum, { amount }) => sum + amount, 0),
    ),
  );

const isSomething = ({ usd }: Line): boolean => usd >= 0.005;

const table = (lines: readonly Line[]): string =>
  [
    '| | how much | USD |',
    '|---|---|---|',
    ...lines.map(({ of, amount, usd }) => `| ${of} | ${Number(amount.toPrecision(3))} | ${usd.toFixed(2)} |`),
    `| **together** | | **${total(lines).toFixed(2)}** |`,
  ].join('\n');

/** The statement, as the README has it. */
export const statement = ({ empty, thousandCases }: Cost): string => `A month in which nobody does anything:

${table(empty)}

A thousand cases, each with two clocks, opened, routed, answered, held, resumed and resolved, and kept for a month:

${table(thousandCases)}

List prices of us-east-1 without free tiers and discounts, written down by hand on ${PRICES_NOTED}: look them up on the pricing pages of ${[...new Set(Object.values(PRICES).map(({ page }) => page))].join(', ')} before a budget rests on them. Alarms, dashboards, keys, metrics and clients are counted from the templates; requests, units, transitions, bytes and time by \`npm run bench:case\`, where no two cases share a batch of the stream, so that a busy service pays less. What leaves AWS, e-mails and the people of the user pool come on top.
`;

const MARKS = ['<!-- cost: npm run cost -- --write -->', '<!-- /cost -->'] as const;

/** A text with the statement between the marks that stand for it. */
export const withStatement = (text: string, told: string): string => {
  const [from, to] = MARKS.map((mark) => text.indexOf(mark));
  if (from === undefined || to === undefined || from < 0 || to < from)
    throw new Error(`The text lacks ${MARKS.join(' … ')}`);
  return `${text.slice(0, from)}${MARKS[0]}\n\n${told.trim()}\n\n${text.slice(to)}`;
};
