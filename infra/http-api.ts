import { CfnOutput, Duration } from 'aws-cdk-lib';
import { AccessLogField, AccessLogFormat } from 'aws-cdk-lib/aws-apigateway';
import {
  CfnStage,
  CorsHttpMethod,
  DomainName,
  HttpApi as GatewayApi,
  HttpMethod,
  HttpNoneAuthorizer,
  HttpRoute,
  HttpRouteKey,
  HttpStage,
  type IHttpRouteAuthorizer,
  LogGroupLogDestination,
} from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import { Certificate } from 'aws-cdk-lib/aws-certificatemanager';
import { type Metric, type MetricOptions, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import type { Config } from './config.ts';
import { accept } from './constructs/accept.ts';
import { ImpactAlarm } from './constructs/impact-alarm.ts';
import type { Operations } from './operations.ts';

export interface HttpApiProps {
  readonly config: Config;
  readonly operations: Operations;
  /** Admits the tokens that the API takes. */
  readonly tokens: IHttpRouteAuthorizer;
}

/**
 * The way in. Whatever is not said to be open needs a token of the user pool, checked by the gateway before a function
 * runs; what a token's roles allow is decided in the functions.
 */
export class HttpApi extends Construct {
  readonly url: string;
  /** What the gateway measures of all requests. */
  readonly metrics: Record<'count' | 'clientError' | 'serverError' | 'latency', (options: MetricOptions) => Metric>;
  private readonly api: GatewayApi;
  private readonly authorizer: IHttpRouteAuthorizer;
  private readonly stage: HttpStage;
  private readonly throttles: Config['throttleByPath'];
  private readonly served = new Set<string>();
  private readonly browsersAllowed: boolean;
  private readonly anyone = new HttpNoneAuthorizer();

  constructor(scope: Construct, id: string, props: HttpApiProps) {
    super(scope, id);
    const { config, operations } = props;
    this.browsersAllowed = config.corsOrigins.length > 0;
    this.authorizer = props.tokens;
    this.throttles = config.throttleByPath;
    const domain = config.domain && this.domain(config.domain);

    this.api = new GatewayApi(this, 'Api', {
      apiName: `docket-${config.stage}`,
      createDefaultStage: false,
      // Whoever gave it a name wants it reached by no other.
      disableExecuteApiEndpoint: domain !== undefined,
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
    this.url = config.domain ? `https://${config.domain.name}` : this.api.apiEndpoint;

    const { api } = this;
    this.metrics = {
      count: (options) => api.metricCount(options),
      clientError: (options) => api.metricClientError(options),
      serverError: (options) => api.metricServerError(options),
      latency: (options) => api.metricLatency(options),
    };

    // The prefix that AWS keeps for logs it delivers itself: other names each take a part of a policy of 5,120 characters.
    const accessLog = operations.logGroup(this, 'AccessLog', `/aws/vendedlogs/docket/${config.stage}/api`);
    this.stage = new HttpStage(this, 'Stage', {
      httpApi: this.api,
      stageName: '$default',
      autoDeploy: true,
      throttle: config.throttle,
      domainMapping: domain && { domainName: domain },
      accessLogSettings: {
        destination: new LogGroupLogDestination(accessLog),
        format: AccessLogFormat.custom(
          JSON.stringify({
            time: AccessLogField.contextRequestTime(),
            requestId: AccessLogField.contextRequestId(),
            ip: AccessLogField.contextIdentitySourceIp(),
            route: AccessLogField.contextRouteKey(),
            method: AccessLogField.contextHttpMethod(),
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

    this.node.addValidation({
      validate: () =>
        Object.keys(this.throttles)
          .filter((path) => !this.served.has(path))
          .map((path) => `throttleByPath names ${path}, which is no path of the API: ${[...this.served].join(', ')}`),
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
      const routes = this.api.addRoutes({
        path,
        methods: [HttpMethod.ANY],
        integration,
        authorizer: this.authorizer,
      });
      this.throttle(path, HttpMethod.ANY, routes);
      // A browser's preflight carries no token, and ANY would ask it for one. The gateway answers it by itself.
      if (this.browsersAllowed) {
        this.open(path, HttpMethod.OPTIONS, integration, 'A preflight carries no token.');
      }
    }
  }

  /** Sends GET on these paths to the function, token or not, and all that has no route too. */
  serveOpenly(name: string, fn: IFunction, ...paths: readonly string[]): void {
    const integration = this.integration(name, fn);
    for (const path of paths) {
      this.open(path, HttpMethod.GET, integration, 'Tells what anyone may know.');
    }
    // Without it the gateway would answer an unknown route itself, and not in the form of our errors.
    const unknown = new HttpRoute(this, 'Unknown', {
      httpApi: this.api,
      routeKey: HttpRouteKey.DEFAULT,
      integration,
      authorizer: this.anyone,
    });
    accept(unknown, { APIG4: 'Answers that there is no such route, and does nothing else.' });
  }

  /** Sends these methods on each path to the function, which proves by itself who calls: providers have no tokens of ours. */
  serveSigned(name: string, fn: IFunction, paths: Readonly<Record<string, readonly HttpMethod[]>>): void {
    const integration = this.integration(name, fn);
    for (const [path, methods] of Object.entries(paths)) {
      for (const method of methods) {
        const routes = this.open(path, method, integration, 'The sender signs each request.');
        this.throttle(path, method, routes);
      }
    }
  }

  /** A route without a token, and why that is right. */
  private open(
    path: string,
    method: HttpMethod,
    integration: HttpLambdaIntegration,
    because: string,
  ): readonly HttpRoute[] {
    const routes = this.api.addRoutes({ path, methods: [method], integration, authorizer: this.anyone });
    for (const route of routes) accept(route, { APIG4: because });
    return routes;
  }

  private domain({ name, certificateArn }: NonNullable<Config['domain']>): DomainName {
    const certificate = Certificate.fromCertificateArn(this, 'Certificate', certificateArn);
    const domain = new DomainName(this, 'Domain', { domainName: name, certificate });
    new CfnOutput(this, 'Target', { value: domain.regionalDomainName }).overrideLogicalId('ApiDomainTarget');
    return domain;
  }

  /** Gives a path the limits that the configuration has for it. */
  private throttle(path: string, method: HttpMethod, routes: readonly HttpRoute[]): void {
    this.served.add(path);
    const limits = this.throttles[path];
    if (!limits) return;
    const stage = this.stage.node.defaultChild;
    if (!(stage instanceof CfnStage)) throw new Error('The stage has no resource of its own');
    stage.addPropertyOverride(`RouteSettings.${method} ${path}`, {
      ThrottlingRateLimit: limits.rateLimit,
      ThrottlingBurstLimit: limits.burstLimit,
    });
    // The settings name the route, which must be there first.
    this.stage.node.addDependency(...routes);
  }

  /** One permission for each function: one for each route would overflow the 20 kB that a function's policy may have. */
  private integration(name: string, fn: IFunction): HttpLambdaIntegration {
    return new HttpLambdaIntegration(name, fn, { scopePermissionToRoute: false });
  }
}
