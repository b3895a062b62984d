import { Duration } from 'aws-cdk-lib';
import { AccessLogField, AccessLogFormat } from 'aws-cdk-lib/aws-apigateway';
import {
  CorsHttpMethod,
  HttpApi as GatewayApi,
  HttpMethod,
  HttpNoneAuthorizer,
  HttpRoute,
  HttpRouteKey,
  HttpStage,
  LogGroupLogDestination,
} from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpUserPoolAuthorizer } from 'aws-cdk-lib/aws-apigatewayv2-authorizers';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import { Stats } from 'aws-cdk-lib/aws-cloudwatch';
import type { IUserPool, IUserPoolClient } from 'aws-cdk-lib/aws-cognito';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import type { Config } from './config.ts';
import { ImpactAlarm } from './constructs/impact-alarm.ts';
import type { Operations } from './operations.ts';

export interface HttpApiProps {
  readonly config: Config;
  readonly operations: Operations;
  readonly pool: IUserPool;
  readonly clients: readonly IUserPoolClient[];
}

/**
 * The way in. Whatever is not said to be open needs a token of the user pool, checked by the gateway before a function
 * runs; what a token's roles allow is decided in the functions.
 */
export class HttpApi extends Construct {
  readonly url: string;
  private readonly api: GatewayApi;
  private readonly authorizer: HttpUserPoolAuthorizer;
  private readonly browsersAllowed: boolean;
  private readonly open = new HttpNoneAuthorizer();

  constructor(scope: Construct, id: string, props: HttpApiProps) {
    super(scope, id);
    const { config, operations } = props;
    this.browsersAllowed = config.corsOrigins.length > 0;
    this.authorizer = new HttpUserPoolAuthorizer('Tokens', props.pool, { userPoolClients: [...props.clients] });

    this.api = new GatewayApi(this, 'Api', {
      apiName: `docket-${config.stage}`,
      createDefaultStage: false,
      corsPreflight: this.browsersAllowed
        ? {
            allowOrigins: config.corsOrigins,
            allowMethods: [CorsHttpMethod.ANY],
            allowHeaders: ['authorization', 'content-type', 'idempotency-key', 'if-match'],
            exposeHeaders: ['etag', 'location', 'retry-after'],
            maxAge: Duration.hours(1),
          }
        : undefined,
    });
    this.url = this.api.apiEndpoint;

    // The prefix that AWS keeps for logs it delivers itself: other names each take a part of a policy of 5,120 characters.
    const accessLog = operations.logGroup(this, 'AccessLog', `/aws/vendedlogs/docket/${config.stage}/api`);
    new HttpStage(this, 'Stage', {
      httpApi: this.api,
      stageName: '$default',
      autoDeploy: true,
      throttle: config.throttle,
      accessLogSettings: {
        destination: new LogGroupLogDestination(accessLog),
        format: AccessLogFormat.custom(
          JSON.stringify({
            time: AccessLogField.contextRequestTime(),
            requestId: AccessLogField.contextRequestId(),
            ip: AccessLogField.contextIdentitySourceIp(),
            route: AccessLogField.contextRouteKey(),
            method: AccessLogField.contextHttpMethod(),
            path: AccessLogField.contextPath(),
            status: AccessLogField.contextStatus(),
            caller: AccessLogField.contextAuthorizerClaims('sub'),
            latency: AccessLogField.contextResponseLatency(),
            // What the gateway itself had against the request, which no function's log can tell.
            gatewayError: AccessLogField.contextErrorMessage(),
            authorizerError: AccessLogField.contextAuthorizerError(),
            integrationError: AccessLogField.contextIntegrationErrorMessage(),
          }),
        ),
      },
    });

    new ImpactAlarm(this, 'FaultsAlarm', {
      impact: 'People and integrations get server errors instead of answers.',
      runbook: 'api-faults',
      operations,
      metric: this.api.metricServerError({ statistic: Stats.SUM, period: Duration.minutes(5) }),
      threshold: 5,
    });
  }

  /** Sends every method on these paths to the function, given a valid token. */
  serve(name: string, fn: IFunction, ...paths: readonly string[]): void {
    const integration = this.integration(name, fn);
    for (const path of paths) {
      this.api.addRoutes({ path, methods: [HttpMethod.ANY], integration, authorizer: this.authorizer });
      // A browser's preflight carries no token, and ANY would ask it for one. The gateway answers it by itself.
      if (this.browsersAllowed) {
        this.api.addRoutes({ path, methods: [HttpMethod.OPTIONS], integration, authorizer: this.open });
      }
    }
  }

  /** Sends GET on these paths to the function, token or not, and all that has no route too. */
  serveOpenly(name: string, fn: IFunction, ...paths: readonly string[]): void {
    const integration = this.integration(name, fn);
    for (const path of paths) {
      this.api.addRoutes({ path, methods: [HttpMethod.GET], integration, authorizer: this.open });
    }
    // Without it the gateway would answer an unknown route itself, and not in the form of our errors.
    new HttpRoute(this, 'Unknown', {
      httpApi: this.api,
      routeKey: HttpRouteKey.DEFAULT,
      integration,
      authorizer: this.open,
    });
  }

  /** One permission for each function: one for each route would overflow the 20 kB that a function's policy may have. */
  private integration(name: string, fn: IFunction): HttpLambdaIntegration {
    return new HttpLambdaIntegration(name, fn, { scopePermissionToRoute: false });
  }
}
