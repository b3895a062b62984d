import { Alarm, ComparisonOperator, type IMetric, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import type { Construct } from 'constructs';
import type { Operations } from '../operations.ts';

export interface ImpactAlarmProps {
  /** What users notice: a sentence. It opens the alarm's text, because whoever is woken by it reads that first. */
  readonly impact: string;
  /** The heading in `docs/runbook.md`, as its link has it. It also names the alarm, so each alarm has its own. */
  readonly runbook: string;
  readonly operations: Operations;
  readonly metric: IMetric;
  /** The alarm rings from this value on. */
  readonly threshold: number;
  /** For how many periods of the metric, without a break; one unless told. */
  readonly periods?: number;
  readonly comparison?: ComparisonOperator;
  /** Most metrics are silent when all is well; a heartbeat is not. */
  readonly whenMissing?: TreatMissingData;
}

/** The house alarm: it cannot be made without saying whom it hurts and what to do about it. */
export class ImpactAlarm extends Alarm {
  readonly runbook: string;

  constructor(scope: Construct, id: string, props: ImpactAlarmProps) {
    super(scope, id, {
      alarmName: `docket-${props.operations.stage}-${props.runbook}`,
      alarmDescription: `${props.impact} Runbook: docs/runbook.md#${props.runbook}`,
      metric: props.metric,
      threshold: props.threshold,
      evaluationPeriods: props.periods ?? 1,
      comparisonOperator: props.comparison ?? ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      treatMissingData: props.whenMissing ?? TreatMissingData.NOT_BREACHING,
    });
    this.runbook = props.runbook;
    this.addAlarmAction(props.operations.onAlarm);
  }
}
