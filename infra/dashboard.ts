import { Duration, Stack } from 'aws-cdk-lib';
import {
  AlarmRule,
  AlarmState,
  AlarmStatusWidget,
  Dashboard as CloudWatchDashboard,
  CompositeAlarm,
  GraphWidget,
  type IMetric,
  type IWidget,
  Metric,
  Stats,
} from 'aws-cdk-lib/aws-cloudwatch';
import type { ITableV2 } from 'aws-cdk-lib/aws-dynamodb';
import { Construct } from 'constructs';
import { ImpactAlarm } from './constructs/impact-alarm.ts';
import { ServiceFunction } from './constructs/service-function.ts';
import type { HttpApi } from './http-api.ts';
import type { Operations } from './operations.ts';
import type { SlaTimer } from './sla-timer.ts';

export interface DashboardProps {
  readonly table: ITableV2;
  readonly api: HttpApi;
  readonly slaTimer: SlaTimer;
  readonly operations: Operations;
}

/** Alarms of which any one means that promises to customers may be missed unseen. */
const SLA_ENGINE = [
  'timers-late',
  'timers-not-armed',
  'sla-timer-failed',
  'sla-timer-timed-out',
  'overdue-timers',
  'reactions-late',
  'reactions-given-up',
  'sweeper-silent',
  'ring',
];

/**
 * What ops look at: every alarm at a glance, then what comes in, whether clocks ring in time, how far behind the stream
 * is, what failed, and what drives the bill. Made last, because it shows what the stack has.
 */
export class Dashboard extends Construct {
  constructor(scope: Construct, id: string, props: DashboardProps) {
    super(scope, id);
    const { operations } = props;
    const all = Stack.of(this).node.findAll();
    const alarms = all.filter((one) => one instanceof ImpactAlarm);

    const engine = alarms.filter(({ runbook }) => SLA_ENGINE.includes(runbook));
    if (engine.length !== SLA_ENGINE.length) throw new Error(`The SLA engine is watched by ${SLA_ENGINE.join(', ')}`);
    const unhealthy = new CompositeAlarm(this, 'SlaEngineAlarm', {
      compositeAlarmName: `docket-${operations.stage}-sla-engine-unhealthy`,
      alarmDescription:
        'Promises to customers may be missed without anybody being told. Runbook: docs/runbook.md#sla-engine-unhealthy',
      alarmRule: AlarmRule.anyOf(...engine.map((alarm) => AlarmRule.fromAlarm(alarm, AlarmState.ALARM))),
    });
    unhealthy.addAlarmAction(operations.onAlarm);

    const dashboard = new CloudWatchDashboard(this, 'Dashboard', {
      dashboardName: `docket-${operations.stage}`,
      defaultInterval: Duration.hours(12),
    });
    dashboard.addWidgets(
      new AlarmStatusWidget({
        title: 'Alarms',
        alarms: [unhealthy, ...alarms],
        width: 24,
        height: 2 + Math.ceil(alarms.length / 6),
      }),
    );
    for (const row of this.rows(props, all)) dashboard.addWidgets(...row);
  }

  private rows({ table, api, slaTimer }: DashboardProps, all: readonly unknown[]): IWidget[][] {
    const functions = all.filter((one) => one instanceof ServiceFunction);
    const sum = { statistic: Stats.SUM, period: Duration.minutes(5) };
    const named = (name: string) => functions.filter(({ serviceName }) => serviceName === name);
    const own = (name: string, metric: string, statistic: string = Stats.SUM) =>
      named(name).map((fn) => fn.metric(metric, { statistic, period: Duration.minutes(5) }));
    const ofTable = (metricName: string) =>
      new Metric({ namespace: 'AWS/DynamoDB', metricName, dimensionsMap: { TableName: table.tableName }, ...sum });
    return [
      [
        graph('Intake: requests', api.metrics.count(sum)),
        graph('Intake: refusals and faults', api.metrics.clientError(sum), api.metrics.serverError(sum)),
        graph('Intake: latency', api.metrics.latency({ statistic: 'p50' }), api.metrics.latency({ statistic: 'p99' })),
      ],
      [
        graph(
          'SLA: timers',
          ...own('reactions', 'TimersArmed'),
          ...own('reactions', 'TimersPaused'),
          ...own('ring', 'TimersFired'),
        ),
        graph('SLA: lateness (ms)', ...own('ring', 'TimerLateness', 'p50'), ...own('ring', 'TimerLateness', 'p99')),
        graph(
          'SLA: found by the sweeper',
          ...own('sweeper', 'OverdueTimers', Stats.MAXIMUM),
          ...own('ring', 'StaleAlarms'),
        ),
      ],
      [
        graph(
          'Stream: age of the oldest fact (ms)',
          ...['reactions', 'relay'].flatMap((name) =>
            named(name).map(({ lambda }) =>
              lambda.metric('IteratorAge', { statistic: Stats.MAXIMUM, period: Duration.minutes(1) }),
            ),
          ),
        ),
        graph('Failures: functions', ...functions.map(({ lambda }) => lambda.metricErrors(sum))),
        graph(
          'Failures: parked and given up',
          ...own('sweeper', 'ParkedReactions', Stats.MAXIMUM),
          ...own('webhook-sender', 'DeliveriesGivenUp'),
        ),
      ],
      [
        ...(named('canary').length > 0
          ? [graph('Canary: how long a case lives (ms)', ...own('canary', 'CanaryLife', Stats.MAXIMUM))]
          : []),
        graph('Deliveries: oldest that is due', ...own('webhook-sender', 'OldestDueDelivery', Stats.MAXIMUM)),
        graph('Cost: capacity units', ofTable('ConsumedReadCapacityUnits'), ofTable('ConsumedWriteCapacityUnits')),
        graph(
          'Cost: timers begun, functions called',
          slaTimer.machine.metricStarted(sum),
          ...functions.map(({ lambda }) => lambda.metricInvocations(sum)),
        ),
      ],
    ];
  }
}

const graph = (title: string, ...metrics: IMetric[]): IWidget =>
  new GraphWidget({ title, left: metrics, width: 8, height: 6 });
