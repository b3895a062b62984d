import { ArnFormat, Stack } from 'aws-cdk-lib';
import { EventBus as Bus, Rule } from 'aws-cdk-lib/aws-events';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import type { Operations } from './operations.ts';

/** Where other systems hear of cases, and a log of all that was said there. */
export class EventBus extends Construct {
  readonly bus: Bus;

  constructor(scope: Construct, id: string, { operations }: { readonly operations: Operations }) {
    super(scope, id);
    this.bus = new Bus(this, 'Bus', { eventBusName: `docket-${operations.stage}` });

    const log = operations.logGroup(this, 'Log', `/docket/${operations.stage}/events`);
    log.addToResourcePolicy(
      new PolicyStatement({
        principals: [new ServicePrincipal('events.amazonaws.com'), new ServicePrincipal('delivery.logs.amazonaws.com')],
        actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
        resources: [log.logGroupArn],
      }),
    );
    // A target of our own: the library's makes the same policy by a custom resource, with a function and wide grants.
    const toLog = {
      bind: () => ({
        arn: Stack.of(this).formatArn({
          service: 'logs',
          resource: 'log-group',
          resourceName: log.logGroupName,
          arnFormat: ArnFormat.COLON_RESOURCE_NAME,
        }),
      }),
    };
    new Rule(this, 'EverythingIsLogged', {
      eventBus: this.bus,
      description: 'Every event of the service, so that operators can see what others were told',
      eventPattern: { source: ['docket'] },
      targets: [toLog],
    });
  }
}
