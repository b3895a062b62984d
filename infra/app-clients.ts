import { CfnOutput, Duration } from 'aws-cdk-lib';
import {
  type IUserPool,
  OAuthScope,
  ResourceServerScope,
  UserPoolClient,
  UserPoolResourceServer,
} from 'aws-cdk-lib/aws-cognito';
import { Construct } from 'constructs';
import type { Config } from './config.ts';

/**
 * Who may ask for tokens: people through one public client, and each integration through a client of its own, whose
 * token carries the scope `docket/integration` and no group.
 */
export class AppClients extends Construct {
  readonly all: readonly UserPoolClient[];

  constructor(scope: Construct, id: string, props: { readonly pool: IUserPool; readonly config: Config }) {
    super(scope, id);
    const { pool: userPool, config } = props;

    const people = new UserPoolClient(this, 'People', {
      userPool,
      // Public: a browser cannot keep a secret; the code flow with PKCE needs none.
      generateSecret: false,
      authFlows: { userSrp: true },
      oAuth: {
        flows: { authorizationCodeGrant: true },
        scopes: [OAuthScope.OPENID, OAuthScope.EMAIL, OAuthScope.PROFILE],
        callbackUrls: config.signInCallbackUrls,
        logoutUrls: config.signInCallbackUrls,
      },
      preventUserExistenceErrors: true,
      enableTokenRevocation: true,
      accessTokenValidity: Duration.hours(1),
      // A working day: whoever leaves signs in again the next morning, or cannot.
      refreshTokenValidity: Duration.hours(12),
    });
    new CfnOutput(this, 'PeopleClientId', { value: people.userPoolClientId }).overrideLogicalId('PeopleClientId');

    const integration = new ResourceServerScope({ scopeName: 'integration', scopeDescription: 'Machine client' });
    const server = new UserPoolResourceServer(this, 'Server', {
      userPool,
      identifier: 'docket',
      scopes: [integration],
    });
    const machines = config.integrations.map((name) => {
      const client = new UserPoolClient(this, `Integration-${name}`, {
        userPool,
        userPoolClientName: `integration-${name}`,
        generateSecret: true,
        oAuth: { flows: { clientCredentials: true }, scopes: [OAuthScope.resourceServer(server, integration)] },
        accessTokenValidity: Duration.hours(1),
      });
      new CfnOutput(this, `IntegrationClientId-${name}`, { value: client.userPoolClientId }).overrideLogicalId(
        `IntegrationClientId${name.replaceAll('-', '')}`,
      );
      return client;
    });
    this.all = [people, ...machines];
  }
}
