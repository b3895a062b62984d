import { randomBytes } from 'node:crypto';
import {
  AdminAddUserToGroupCommand,
  AdminCreateUserCommand,
  AdminDeleteUserCommand,
  AdminSetUserPasswordCommand,
  CognitoIdentityProviderClient,
  DescribeUserPoolClientCommand,
  DescribeUserPoolCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import {
  AuthenticationDetails,
  CognitoUser,
  CognitoUserPool,
  type CognitoUserSession,
} from 'amazon-cognito-identity-js';
import { z } from 'zod';
import { oneTimeCode } from './one-time-code.ts';
import { ROLES, type Tokens, tokensBy } from './target.ts';

/** The user pool of a deployed stage and its clients, as the stacks' outputs name them. */
export interface Pool {
  readonly poolId: string;
  readonly peopleClientId: string;
  readonly integrationClientId: string;
}

/**
 * Makes a person for each role in the pool, signs them in as a browser would, and gets the machine client's token by its
 * credentials. What it needs of AWS is the administration of this pool. `remove` deletes the people again.
 */
export const callersOf = async (pool: Pool): Promise<{ tokens: Tokens; remove: () => Promise<void> }> => {
  const cognito = new CognitoIdentityProviderClient({});
  const run = randomBytes(4).toString('hex');
  const made: string[] = [];

  const person = async (name: keyof typeof ROLES): Promise<string> => {
    const Username = `docket-${name}-${run}@example.invalid`;
    const user = { UserPoolId: pool.poolId, Username };
    // The suffix holds whatever kinds of characters a pool's policy asks for.
    const Password = `${randomBytes(24).toString('base64url')}aA1!`;
    const UserAttributes = [
      { Name: 'email', Value: Username },
      { Name: 'email_verified', Value: 'true' },
    ];
    await cognito.send(new AdminCreateUserCommand({ ...user, MessageAction: 'SUPPRESS', UserAttributes }));
    made.push(Username);
    await cognito.send(new AdminSetUserPasswordCommand({ ...user, Password, Permanent: true }));
    await cognito.send(new AdminAddUserToGroupCommand({ ...user, GroupName: ROLES[name] }));
    return signIn(pool, Username, Password);
  };

  const remove = async () => {
    for (const Username of made.splice(0)) {
      await cognito.send(new AdminDeleteUserCommand({ UserPoolId: pool.poolId, Username }));
    }
    cognito.destroy();
  };
  try {
    const tokens = await tokensBy((name) => (name === 'integration' ? machineToken(cognito, pool) : person(name)));
    return { tokens, remove };
  } catch (error) {
    await remove();
    throw error;
  }
};

/** Where SDKs call instead of AWS, as they themselves read it. */
const endpoint = () => process.env.AWS_ENDPOINT_URL;

/** The only way in for people is SRP, which proves the password without sending it, and a second factor where it is asked for. */
const signIn = async ({ poolId, peopleClientId }: Pool, Username: string, Password: string): Promise<string> => {
  const Pool = new CognitoUserPool({ UserPoolId: poolId, ClientId: peopleClientId, endpoint: endpoint() });
  const user = new CognitoUser({ Username, Pool });
  const session = await new Promise<CognitoUserSession>((onSuccess, onFailure) => {
    user.authenticateUser(new AuthenticationDetails({ Username, Password }), {
      onSuccess,
      onFailure,
      mfaSetup: () =>
        user.associateSoftwareToken({
          associateSecretCode: (secret) =>
            user.verifySoftwareToken(oneTimeCode(secret, Date.now()), 'suite', { onSuccess, onFailure }),
          onFailure,
        }),
    });
  });
  return session.getAccessToken().getJwtToken();
};

const machineToken = async (cognito: CognitoIdentityProviderClient, pool: Pool): Promise<string> => {
  const UserPoolId = pool.poolId;
  const { UserPool } = await cognito.send(new DescribeUserPoolCommand({ UserPoolId }));
  const { UserPoolClient } = await cognito.send(
    new DescribeUserPoolClientCommand({ UserPoolId, ClientId: pool.integrationClientId }),
  );
  const credentials = Buffer.from(`${pool.integrationClientId}:${UserPoolClient?.ClientSecret}`).toString('base64');
  const region = await cognito.config.region();
  const answer = await fetch(
    `${endpoint() ?? `https://${UserPool?.Domain}.auth.${region}.amazoncognito.com`}/oauth2/token`,
    {
      method: 'POST',
      headers: { authorization: `Basic ${credentials}` },
      body: new URLSearchParams({ grant_type: 'client_credentials', scope: 'docket/integration' }),
    },
  );
  if (!answer.ok) throw new Error(`The machine client got no token: ${answer.status} ${await answer.text()}`);
  return z.object({ access_token: z.string() }).parse(await answer.json()).access_token;
};
