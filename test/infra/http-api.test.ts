import { Match } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import { resourcesOf, synthesised } from '../support/synthesised.ts';

const { data, service } = synthesised();
const { service: withBrowsers } = synthesised({ corsOrigins: ['https://console.example.com'] });

const routesOf = (template: typeof service) =>
  resourcesOf(template, 'AWS::ApiGatewayV2::Route').map(([, { Properties }]) => Properties);

describe('routes', () => {
  it('without a token are the health, the documentation, the answer to unknown routes and what others sign', () => {
    const open = routesOf(service).filter(({ AuthorizationType }) => AuthorizationType === 'NONE');
    expect(open.map(({ RouteKey }) => RouteKey).sort()).toEqual(
      [
        '$default',
        'GET /docs',
        'GET /docs/{file}',
        'GET /health',
        'GET /openapi.json',
        'GET /v1/channels/{channelId}/inbound',
        'POST /v1/channels/{channelId}/email',
        'POST /v1/channels/{channelId}/inbound',
      ].sort(),
    );
  });

  it('otherwise ask for a token', () => {
    const guarded = routesOf(service).filter(({ AuthorizationType }) => AuthorizationType === 'JWT');
    expect(guarded.map(({ RouteKey }) => RouteKey).sort()).toEqual(
      [
        'ANY /v1/cases',
        'ANY /v1/cases/{proxy+}',
        'ANY /v1/exports/{proxy+}',
        'ANY /v1/failures',
        'ANY /v1/failures/{proxy+}',
        'ANY /v1/imports/{proxy+}',
        'ANY /v1/leads/{proxy+}',
        'ANY /v1/opportunities/{proxy+}',
        'ANY /v1/articles',
        'ANY /v1/articles/{proxy+}',
        'ANY /v1/customers',
        'ANY /v1/customers/{proxy+}',
        'ANY /v1/customers/{customerId}/entitlements',
        'ANY /v1/entitlements',
        'ANY /v1/entitlements/{proxy+}',
        'ANY /v1/queues',
        'ANY /v1/queues/{proxy+}',
        'ANY /v1/reports/{proxy+}',
        'ANY /v1/search',
        'ANY /v1/routing/{proxy+}',
        'ANY /v1/channels/{channelId}/intake',
        'ANY /v1/channels/{channelId}/intake/{proxy+}',
        'ANY /v1/settings/channels',
        'ANY /v1/settings/channels/{proxy+}',
        'ANY /v1/settings/templates',
        'ANY /v1/settings/templates/{proxy+}',
        'ANY /v1/settings/{proxy+}',
        'ANY /v1/settings/webhook-subscriptions',
        'ANY /v1/settings/webhook-subscriptions/{proxy+}',
        'ANY /v1/sla/{proxy+}',
        'ANY /v1/teams',
        'ANY /v1/teams/{proxy+}',
        'ANY /v1/users',
        'ANY /v1/users/{proxy+}',
      ].sort(),
    );
    for (const { AuthorizerId } of guarded) expect(AuthorizerId).toBeDefined();
  });

  it('reach each function by one permission, however many they are', () => {
    const permitted = resourcesOf(service, 'AWS::Lambda::Permission')
      .filter(([, { Properties }]) => Properties.Principal === 'apigateway.amazonaws.com')
      .map(([, { Properties }]) => JSON.stringify(Properties.FunctionName));
    expect(new Set(permitted).size).toBe(permitted.length);
    const apis = resourcesOf(service, 'AWS::Lambda::Function').filter(([, { Properties }]) =>
      /(-api|^inbound)$/.test(Properties.Environment.Variables.POWERTOOLS_SERVICE_NAME),
    );
    expect(permitted).toHaveLength(apis.length);
  });

  it('hand the request over in format 2.0', () => {
    service.allResourcesProperties('AWS::ApiGatewayV2::Integration', {
      IntegrationType: 'AWS_PROXY',
      PayloadFormatVersion: '2.0',
    });
  });

  it('are throttled and logged', () => {
    service.hasResourceProperties('AWS::ApiGatewayV2::Stage', {
      StageName: '$default',
      AutoDeploy: true,
      DefaultRouteSettings: { ThrottlingRateLimit: 1000, ThrottlingBurstLimit: 2000 },
      AccessLogSettings: Match.objectLike({ Format: Match.stringLikeRegexp('requestId') }),
    });
  });
});

describe('tokens', () => {
  it('are those of the user pool, made for one of our clients', () => {
    const [[, authorizer] = []] = resourcesOf(service, 'AWS::ApiGatewayV2::Authorizer');
    const clients = resourcesOf(service, 'AWS::Cognito::UserPoolClient').map(([id]) => ({ Ref: id }));
    expect(authorizer?.Properties.JwtConfiguration.Audience).toEqual(clients);
    expect(JSON.stringify(authorizer?.Properties.JwtConfiguration.Issuer)).toMatch(/cognito-idp.*PeoplePool/);
  });

  it('know three roles', () => {
    const groups = resourcesOf(data, 'AWS::Cognito::UserPoolGroup').map(([, { Properties }]) => Properties.GroupName);
    expect(groups).toEqual(['agent', 'supervisor', 'admin']);
  });

  it('are given to people by a code, without a secret', () => {
    service.hasResourceProperties('AWS::Cognito::UserPoolClient', {
      AllowedOAuthFlows: ['code'],
      GenerateSecret: false,
    });
  });

  it('are given to each integration by its own secret, for the scope integration only', () => {
    const { service } = synthesised({ integrations: ['monitoring', 'web-shop'] });
    const machines = resourcesOf(service, 'AWS::Cognito::UserPoolClient')
      .map(([, { Properties }]) => Properties)
      .filter(({ AllowedOAuthFlows }) => AllowedOAuthFlows.includes('client_credentials'));
    expect(machines.map(({ ClientName }) => ClientName)).toEqual(['integration-monitoring', 'integration-web-shop']);
    for (const { GenerateSecret, AllowedOAuthFlows, AllowedOAuthScopes } of machines) {
      expect(GenerateSecret).toBe(true);
      expect(AllowedOAuthFlows).toEqual(['client_credentials']);
      expect(JSON.stringify(AllowedOAuthScopes)).toMatch(
        /^\[\{"Fn::Join":\["",\[\{"Ref":"\w+"\},"\/integration"\]\]\}\]$/,
      );
    }
    service.hasResourceProperties('AWS::Cognito::UserPoolResourceServer', { Identifier: 'docket' });
  });

  it('are for people whom an administrator has added', () => {
    data.hasResourceProperties('AWS::Cognito::UserPool', { AdminCreateUserConfig: { AllowAdminCreateUserOnly: true } });
  });
});

describe('browsers of other origins', () => {
  it('are refused unless configured', () => {
    service.hasResourceProperties('AWS::ApiGatewayV2::Api', { CorsConfiguration: Match.absent() });
  });

  it('are let in by origin, and their preflights without a token', () => {
    withBrowsers.hasResourceProperties('AWS::ApiGatewayV2::Api', {
      CorsConfiguration: Match.objectLike({ AllowOrigins: ['https://console.example.com'] }),
    });
    const preflights = routesOf(withBrowsers).filter(({ RouteKey }) => RouteKey.startsWith('OPTIONS '));
    const guarded = routesOf(withBrowsers).filter(({ AuthorizationType }) => AuthorizationType === 'JWT');
    expect(preflights.map(({ RouteKey }) => RouteKey.split(' ')[1]).sort()).toEqual(
      guarded.map(({ RouteKey }) => RouteKey.split(' ')[1]).sort(),
    );
    for (const { AuthorizationType } of preflights) expect(AuthorizationType).toBe('NONE');
  });
});

describe('a stage of its own kind', () => {
  it('has a name of its own, and is reached by no other', () => {
    const certificateArn = 'arn:aws:acm:eu-west-1:123456789012:certificate/1';
    const { service } = synthesised({ domain: { name: 'api.example.com', certificateArn } });
    service.hasResourceProperties('AWS::ApiGatewayV2::Api', { DisableExecuteApiEndpoint: true });
    service.hasResourceProperties('AWS::ApiGatewayV2::DomainName', { DomainName: 'api.example.com' });
    service.hasOutput('ApiUrl', { Value: 'https://api.example.com' });
  });

  it('admits the tokens of the issuer that it names, and has no user pool then', () => {
    const identityProvider = { issuer: 'https://id.example.com/', audience: ['docket'], rolesClaim: 'roles' };
    const { data, service } = synthesised({ identityProvider });
    service.hasResourceProperties('AWS::ApiGatewayV2::Authorizer', {
      JwtConfiguration: { Issuer: 'https://id.example.com/', Audience: ['docket'] },
    });
    service.allResourcesProperties('AWS::Lambda::Function', {
      Environment: Match.objectLike({ Variables: Match.objectLike({ ROLES_CLAIM: 'roles' }) }),
    });
    data.resourceCountIs('AWS::Cognito::UserPool', 0);
  });

  it('limits single paths, those of senders without a token too, and refuses to be made when one of them is none of the API', () => {
    const { service } = synthesised({ throttleByPath: { '/v1/search': { rateLimit: 5, burstLimit: 10 } } });
    service.hasResourceProperties('AWS::ApiGatewayV2::Stage', {
      RouteSettings: { 'ANY /v1/search': { ThrottlingRateLimit: 5, ThrottlingBurstLimit: 10 } },
    });
    const inbound = '/v1/channels/{channelId}/inbound';
    synthesised({ throttleByPath: { [inbound]: { rateLimit: 5, burstLimit: 10 } } }).service.hasResourceProperties(
      'AWS::ApiGatewayV2::Stage',
      { RouteSettings: { [`POST ${inbound}`]: { ThrottlingRateLimit: 5, ThrottlingBurstLimit: 10 } } },
    );
    expect(() => synthesised({ throttleByPath: { '/v1/serach': { rateLimit: 5, burstLimit: 10 } } })).toThrow(
      /throttleByPath names \/v1\/serach/,
    );
  });

  it('encrypts table and buckets with a key of the account, which every function may use', () => {
    const { data, service } = synthesised({ customerManagedKey: true });
    data.hasResourceProperties('AWS::KMS::Key', { EnableKeyRotation: true });
    data.hasResourceProperties('AWS::DynamoDB::GlobalTable', {
      SSESpecification: { SSEEnabled: true, SSEType: 'KMS' },
    });
    data.allResourcesProperties('AWS::S3::Bucket', { BucketEncryption: Match.anyValue() });
    const decrypting = resourcesOf(service, 'AWS::IAM::Policy').filter(([, { Properties }]) =>
      JSON.stringify(Properties.PolicyDocument).includes('kms:Decrypt'),
    );
    expect(decrypting).toHaveLength(resourcesOf(service, 'AWS::Lambda::Function').length);
  });
});
