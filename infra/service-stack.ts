import { CfnOutput, Stack, type StackProps } from 'aws-cdk-lib';
import type { IHttpRouteAuthorizer } from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpJwtAuthorizer, HttpUserPoolAuthorizer } from 'aws-cdk-lib/aws-apigatewayv2-authorizers';
import type { IUserPool } from 'aws-cdk-lib/aws-cognito';
import type { Construct } from 'constructs';
import { AppClients } from './app-clients.ts';
import { Articles } from './articles.ts';
import { Canary } from './canary.ts';
import { Cases } from './cases.ts';
import { Channels } from './channels.ts';
import type { Config } from './config.ts';
import { ServiceFunction } from './constructs/service-function.ts';
import { Customers } from './customers.ts';
import { Dashboard } from './dashboard.ts';
import type { DataStack } from './data-stack.ts';
import { Docs } from './docs.ts';
import { Entitlements } from './entitlements.ts';
import { EventBus } from './event-bus.ts';
import { HttpApi } from './http-api.ts';
import { MailIn } from './mail-in.ts';
import { MailOut } from './mail-out.ts';
import { Operations } from './operations.ts';
import { People } from './people.ts';
import { Portability } from './portability.ts';
import { Queues } from './queues.ts';
import { Reactions } from './reactions.ts';
import { Redrive } from './redrive.ts';
import { Relay } from './relay.ts';
import { Reports } from './reports.ts';
import { Routing } from './routing.ts';
import { Search } from './search.ts';
import { Settings } from './settings.ts';
import { Sla } from './sla.ts';
import { SlaTimer } from './sla-timer.ts';
import { Sweeper } from './sweeper.ts';
import { Webhooks } from './webhooks.ts';

export interface ServiceStackProps extends StackProps {
  readonly config: Config;
  readonly data: DataStack;
}

/**
 * Everything that runs. It holds no data and can be deployed anew; timers that were waiting are then rung by the sweeper.
 */
export class ServiceStack extends Stack {
  constructor(scope: Construct, id: string, { config, data, ...props }: ServiceStackProps) {
    super(scope, id, props);
    const { table, failures, attachments, receivedMail, pool } = data;
    const operations = new Operations(this, 'Operations', { config, key: data.key });

    const api = new HttpApi(this, 'HttpApi', { config, operations, tokens: this.tokens(pool, config) });
    new Cases(this, 'Cases', { table, attachments, api, operations });
    new Articles(this, 'Articles', { table, api, operations });
    new Customers(this, 'Customers', { table, attachments, api, operations });
    new People(this, 'People', { table, api, operations });
    new Entitlements(this, 'Entitlements', { table, api, operations });
    new Portability(this, 'Portability', { table, api, operations });
    new Queues(this, 'Queues', { table, api, operations });
    new Reports(this, 'Reports', { table, api, operations });
    new Search(this, 'Search', { table, api, operations });
    new Routing(this, 'Routing', { table, api, operations });
    new Settings(this, 'Settings', { table, api, operations });
    new Sla(this, 'Sla', { api, operations });
    new Docs(this, 'Docs', { api, operations });

    const slaTimer = new SlaTimer(this, 'SlaTimer', { table, operations });
    const { bus } = new EventBus(this, 'EventBus', { operations });
    const reactions = new Reactions(this, 'Reactions', { table, failures, attachments, slaTimer, operations });
    const relay = new Relay(this, 'Relay', { table, failures, bus, operations });
    const mailOut = config.mail && new MailOut(this, 'MailOut', { mail: config.mail, table, failures, operations });
    new Channels(this, 'Channels', { table, attachments, api, bus, config, mailOut, operations });
    const mailIn =
      config.mail?.receive && receivedMail
        ? new MailIn(this, 'MailIn', {
            domains: config.mail.domains,
            receive: config.mail.receive,
            mail: receivedMail,
            table,
            attachments,
            failures,
            operations,
          })
        : undefined;
    new Webhooks(this, 'Webhooks', { table, api, bus, config, operations });
    const sweeper = new Sweeper(this, 'Sweeper', { table, attachments, slaTimer, bus, operations });
    new Redrive(this, 'Redrive', {
      table,
      api,
      failures,
      reactions,
      relay,
      sweeper,
      mailFeedback: mailOut,
      mailReceiver: mailIn,
      operations,
    });

    if (config.canary) new Canary(this, 'Canary', { table, slaTimer, operations });

    new Dashboard(this, 'Dashboard', { table, api, slaTimer, operations });

    for (const one of this.node.findAll()) if (one instanceof ServiceFunction) one.keepFromSecretsIn(table);

    new CfnOutput(this, 'ApiUrl', { value: api.url });
    new CfnOutput(this, 'EventBusName', { value: bus.eventBusName });
    new CfnOutput(this, 'SlaTimerArn', { value: slaTimer.machine.stateMachineArn });
  }

  /** Whose tokens the API admits. */
  private tokens(pool: IUserPool | undefined, config: Config): IHttpRouteAuthorizer {
    if (pool) {
      const { all: userPoolClients } = new AppClients(this, 'AppClients', { pool, config });
      return new HttpUserPoolAuthorizer('Tokens', pool, { userPoolClients: [...userPoolClients] });
    }
    const { identityProvider } = config;
    if (!identityProvider) throw new Error('A stage without a user pool names its identityProvider');
    const { issuer, audience } = identityProvider;
    return new HttpJwtAuthorizer('Tokens', issuer, { jwtAudience: audience });
  }
}
