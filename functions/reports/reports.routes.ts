import { z } from 'zod';
import { type Interval, PeriodQuery } from '../../domain/reports/period.ts';
import type { Report } from '../../domain/reports/report.ts';
import { reports } from '../../domain/reports/reports.ts';
import { Instant } from '../../domain/time.ts';
import { declareRoute, pageOf, pageQuery } from '../api/route.ts';
import { QUEUE_REVIEW, QueueState } from './queue-review.ts';
import { Rebuilding, RebuildStep } from './rebuild-reports.ts';

const counts = z.record(z.string(), z.unknown());

/** What every report answers; what its items hold is told in its definition and in `docs/reports.md`. */
const said = z.object({
  totals: counts.describe('Of everything, each thing once'),
  items: z.array(counts).describe('One for each key that something was counted for; null: for none'),
});

/** A report over a period. */
export const ReportView = said
  .extend({
    report: z.string(),
    definition: z.string(),
    asOf: Instant.describe('All facts recorded before this instant are counted'),
    from: Instant,
    to: Instant,
    timeZone: z.string(),
    groupBy: z.string(),
    interval: z.enum(['day', 'week', 'month'] satisfies Interval[]).optional(),
    series: z.array(said.extend({ from: Instant, to: Instant })).optional(),
  })
  .meta({ id: 'Report' });

const supervisors = ['supervisor'] as const;

const routeOf = ({ name, definition, groupBy }: Report) =>
  declareRoute({
    method: 'GET',
    path: `/v1/reports/${name}`,
    tag: 'Reports',
    summary: `The report ${name}`,
    description: definition,
    roles: supervisors,
    query: z.strictObject({
      ...PeriodQuery.shape,
      groupBy: z
        .enum(groupBy)
        .default(groupBy[0] ?? '')
        .describe('What its items are for'),
    }),
    answer: ReportView,
  });

/** The routes of reports. */
export const reportRoutes = {
  closedByReason: routeOf(reports.closedByReason),
  subjectVolume: routeOf(reports.subjectVolume),
  productVolume: routeOf(reports.productVolume),
  slaCompliance: routeOf(reports.slaCompliance),
  reopenRate: routeOf(reports.reopenRate),
  received: routeOf(reports.received),
  firstResponse: routeOf(reports.firstResponse),
  breachCauses: routeOf(reports.breachCauses),
  articleUsage: routeOf(reports.articleUsage),
  articleGaps: routeOf(reports.articleGaps),
  timePerStage: routeOf(reports.timePerStage),
  rebuild: declareRoute({
    method: 'POST',
    path: '/v1/reports/rebuilds',
    tag: 'Reports',
    summary: 'Recount the reports from the facts, a step at a time',
    description:
      'Call it again with the `cursor` of each answer until there is none; `npm run rebuild-reports` does. Reports go on meanwhile.',
    roles: ['admin'],
    body: RebuildStep,
    answer: Rebuilding,
  }),
  queueReview: declareRoute({
    method: 'GET',
    path: '/v1/reports/queue-review',
    tag: 'Reports',
    summary: 'The report queue-review',
    description: QUEUE_REVIEW,
    roles: supervisors,
    query: z.strictObject(pageQuery),
    answer: pageOf(QueueState).extend({ report: z.string(), definition: z.string(), asOf: Instant }),
  }),
};
