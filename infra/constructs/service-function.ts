import { basename } from 'node:path';
import { Duration } from 'aws-cdk-lib';
import { Metric, type MetricOptions, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import type { ITableV2 } from 'aws-cdk-lib/aws-dynamodb';
import { Effect, type IGrantable, type IPrincipal, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Architecture, Function as LambdaFunction, Runtime, Tracing } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import type { z } from 'zod';
import { SECRETS, type SecretKind } from '../../functions/table/schema.ts';
import type { Operations } from '../operations.ts';
import { bundle } from './bundle.ts';
import { ImpactAlarm } from './impact-alarm.ts';

/** Where our own metrics are found in CloudWatch; each carries the dimensions `service` and `stage`. */
const METRICS_NAMESPACE = 'Docket';

export interface ServiceFunctionProps<Env extends z.ZodType<Record<string, string>>> {
  /** The handler's file, from the repository's root. Its name without `.handler.ts` is the service's name. */
  readonly entry: string;
  /** The schema by which the handler reads its environment. */
  readonly env: Env;
  /** A variable that the function reads and nobody sets does not compile. */
  readonly environment: z.infer<Env>;
  /** What users notice when this fails: a sentence. */
  readonly failureImpact: string;
  /** The heading in `docs/runbook.md`, as its link has it. */
  readonly runbook: string;
  readonly operations: Operations;
  /** Files, from the repository's root, that the handler reads beside itself. */
  readonly files?: readonly string[];
  readonly timeout?: Duration;
  readonly memorySize?: number;
  /** Whose secrets it uses. It is kept from reading all others; none unless told. */
  readonly usesSecretsOf?: readonly SecretKind[];
}

/**
 * The house function: one handler, a role that may write its own log and nothing else until it is granted, and an alarm
 * on its errors. Grants follow on the line after it.
 */
export class ServiceFunction<Env extends z.ZodType<Record<string, string>>> extends Construct implements IGrantable {
  readonly lambda: LambdaFunction;
  readonly grantPrincipal: IPrincipal;
  readonly serviceName: string;
  private readonly stage: string;
  private readonly usesSecretsOf: readonly SecretKind[];

  constructor(scope: Construct, id: string, props: ServiceFunctionProps<Env>) {
    super(scope, id);
    this.serviceName = basename(props.entry, '.handler.ts');
    this.usesSecretsOf = props.usesSecretsOf ?? [];
    this.stage = props.operations.stage;

    const logGroup = props.operations.logGroup(this, 'Log', `/docket/${props.operations.stage}/${this.serviceName}`);
    // Not the role that CDK would make: its managed policy may write to every log group of the account.
    const role = new Role(this, 'Role', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
    this.grantPrincipal = role;
    logGroup.grantWrite(role);
    props.operations.key?.grantEncryptDecrypt(role);

    this.lambda = new LambdaFunction(this, 'Function', {
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      handler: 'index.handler',
      code: bundle(props.entry, props.files ?? []),
      environment: {
        ...props.environment,
        POWERTOOLS_SERVICE_NAME: this.serviceName,
        POWERTOOLS_METRICS_NAMESPACE: METRICS_NAMESPACE,
        LOG_LEVEL: props.operations.logLevel,
        ...(props.operations.rolesClaim && { ROLES_CLAIM: props.operations.rolesClaim }),
        ...(props.operations.originSha256.length > 0 && { ORIGIN_SHA256: props.operations.originSha256.join(',') }),
        NODE_OPTIONS: '--enable-source-maps',
      },
      // One second less than the HTTP API's own limit, so that the function's log tells what it was doing.
      timeout: props.timeout ?? Duration.seconds(29),
      // CPU comes with memory; below about 1 GB the start of a function that bundles the SDK is what users wait for.
      memorySize: props.memorySize ?? 1024,
      role,
      logGroup,
      tracing: Tracing.ACTIVE,
    });

    new ImpactAlarm(this, 'ErrorsAlarm', {
      impact: props.failureImpact,
      runbook: props.runbook,
      operations: props.operations,
      metric: this.lambda.metricErrors({ statistic: Stats.SUM, period: Duration.minutes(5) }),
      threshold: 1,
    });
  }

  /** A metric of its own that the function publishes, of this stage. */
  metric(metricName: string, options: Pick<MetricOptions, 'statistic' | 'period'>): Metric {
    const dimensionsMap = { service: this.serviceName, stage: this.stage };
    return new Metric({ namespace: METRICS_NAMESPACE, metricName, dimensionsMap, ...options });
  }

  /**
   * Denies the reading of secrets that are not its own, whatever it is granted of the table: a denial cannot be undone
   * by a grant.
   */
  keepFromSecretsIn(table: ITableV2): void {
    const others = SECRETS.kinds.filter((kind) => !this.usesSecretsOf.includes(kind));
    if (others.length === 0) return;
    this.grantPrincipal.addToPrincipalPolicy(
      new PolicyStatement({
        effect: Effect.DENY,
        actions: ['dynamodb:GetItem', 'dynamodb:BatchGetItem', 'dynamodb:Query', 'dynamodb:Scan'],
        resources: [table.tableArn],
        conditions: {
          'ForAnyValue:StringLike': {
            'dynamodb:LeadingKeys': others.map((kind) => `${SECRETS.prefix}#${kind}#*`),
          },
        },
      }),
    );
  }
}
