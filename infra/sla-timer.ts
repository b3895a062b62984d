import { Duration } from 'aws-cdk-lib';
import { Stats } from 'aws-cdk-lib/aws-cloudwatch';
import type { ITableV2 } from 'aws-cdk-lib/aws-dynamodb';
import type { IGrantable } from 'aws-cdk-lib/aws-iam';
import { DefinitionBody, LogLevel, StateMachine, StateMachineType } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import { functionEnv } from '../functions/env.ts';
import { accept } from './constructs/accept.ts';
import { aslDefinition } from './constructs/asl-definition.ts';
import { ImpactAlarm } from './constructs/impact-alarm.ts';
import { ServiceFunction } from './constructs/service-function.ts';
import type { Operations } from './operations.ts';

/** The alarm clock of one KPI of one case: a state machine that waits, and the function that it rings. */
export class SlaTimer extends Construct {
  readonly machine: StateMachine;

  constructor(scope: Construct, id: string, props: { readonly table: ITableV2; readonly operations: Operations }) {
    super(scope, id);
    const { table, operations } = props;

    const ring = new ServiceFunction(this, 'Ring', {
      entry: 'functions/sla/ring.handler.ts',
      env: functionEnv.ring,
      environment: { TABLE_NAME: table.tableName, STAGE: operations.stage },
      failureImpact: 'Warnings and breaches of service levels are recorded late.',
      runbook: 'ring',
      operations,
      // Below the task's own 30 s, so that the workflow sees what failed and not that it took too long.
      timeout: Duration.seconds(25),
      memorySize: 512,
    });
    table.grant(
      ring,
      'dynamodb:GetItem',
      'dynamodb:Query',
      'dynamodb:PutItem',
      'dynamodb:UpdateItem',
      'dynamodb:ConditionCheckItem',
    );

    this.machine = new StateMachine(this, 'Machine', {
      stateMachineType: StateMachineType.STANDARD,
      definitionBody: DefinitionBody.fromString(
        aslDefinition('workflows/sla-timer.asl.json', { RingFunctionArn: ring.lambda.functionArn }),
      ),
      definitionSubstitutions: { RingFunctionArn: ring.lambda.functionArn },
      logs: {
        // The prefix that AWS keeps for logs it delivers itself.
        destination: operations.logGroup(this, 'Log', `/aws/vendedlogs/states/docket-${operations.stage}-sla-timer`),
        level: LogLevel.ERROR,
        includeExecutionData: true,
      },
      tracingEnabled: true,
    });
    accept(this.machine, {
      SF1: 'A line for each wait would cost more than the timer. What rang is on the timeline of its case; failures are logged.',
    });
    ring.lambda.grantInvokeLatestVersion(this.machine);

    new ImpactAlarm(this, 'LateAlarm', {
      impact: 'Warnings and breaches of service levels reach people more than a minute late.',
      runbook: 'timers-late',
      operations,
      metric: ring.metric('TimerLateness', { statistic: Stats.percentile(99), period: Duration.minutes(5) }),
      threshold: Duration.minutes(1).toMilliseconds(),
    });
    new ImpactAlarm(this, 'StaleAlarm', {
      impact: 'Timers that should have been stopped go on and ring for nothing, which costs money and hides trouble.',
      runbook: 'stale-alarms',
      operations,
      metric: ring.metric('StaleAlarms', { statistic: Stats.SUM, period: Duration.minutes(15) }),
      // Stopping is best effort: some of a busy desk's alarms always slip through.
      threshold: 1000,
    });

    const everyFiveMinutes = { statistic: Stats.SUM, period: Duration.minutes(5) };
    new ImpactAlarm(this, 'FailedAlarm', {
      impact:
        'A warning or breach of a service level was not recorded by its own timer and comes late, by the sweeper.',
      runbook: 'sla-timer-failed',
      operations,
      metric: this.machine.metricFailed(everyFiveMinutes),
      threshold: 1,
    });
    new ImpactAlarm(this, 'TimedOutAlarm', {
      impact:
        'A timer of a service level reached its age limit, so what it was waiting for comes late, by the sweeper.',
      runbook: 'sla-timer-timed-out',
      operations,
      metric: this.machine.metricTimedOut(everyFiveMinutes),
      threshold: 1,
    });
  }

  /** Lets a function arm a KPI (start an execution) and disarm it (stop one). */
  grantArmAndStop(grantee: IGrantable): void {
    this.machine.grantStartExecution(grantee);
    this.machine.grantExecution(grantee, 'states:StopExecution');
  }
}
