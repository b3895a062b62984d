import { createLocalJWKSet, type JWTPayload, jwtVerify } from 'jose';
import { OAuth2Issuer } from 'oauth2-mock-server';
import { z } from 'zod';
import type { DataFolder } from './data-folder.ts';

/** Whom a token is for. Role `integration` makes a machine client whose id is `sub`; the others are groups. */
export const TokenRequest = z.strictObject({
  sub: z.string().min(1),
  roles: z.array(z.enum(['agent', 'supervisor', 'admin', 'integration'])),
});
export type TokenRequest = z.infer<typeof TokenRequest>;

/** What an authorizer of the templates demands. */
export interface JwtRules {
  readonly issuer: string;
  readonly audience: readonly string[];
}

/** The only algorithms that the gateway's authorizers take. */
const RSA = ['RS256', 'RS384', 'RS512'];

export interface Identity {
  token(request: TokenRequest): Promise<string>;
  /** The claims of a valid token by these rules; undefined for any other. */
  verify(token: string, rules: JwtRules): Promise<JWTPayload | undefined>;
}

/** As long as Cognito lets an access token live at most. */
const LIFETIME_SECONDS = 24 * 60 * 60;

/**
 * Stands in for the user pool: tokens name the pool of the template as their issuer and are signed with a key of the
 * data folder, so the authorizer's own rules apply and a token outlives a restart. Made and checked on the real clock.
 */
export async function localIdentity(data: DataFolder, rules: JwtRules): Promise<Identity> {
  const issuer = new OAuth2Issuer();
  issuer.url = rules.issuer;
  const kept = z.record(z.string(), z.unknown()).optional().parse(data.read('signing key'));
  if (kept) await issuer.keys.add(kept);
  else data.write('signing key', await issuer.keys.generate('RS256'));
  const keys = createLocalJWKSet({ keys: issuer.keys.toJSON() });

  return {
    token({ sub, roles }) {
      const groups = roles.filter((role) => role !== 'integration');
      const machine = roles.includes('integration');
      return issuer.buildToken({
        expiresIn: LIFETIME_SECONDS,
        scopesOrTransform: (_header, payload) =>
          Object.assign(payload, {
            sub,
            token_use: 'access',
            // The gateway looks at client_id only where a token has no aud; machine clients have ids of their own.
            aud: rules.audience[0],
            client_id: machine ? sub : rules.audience[0],
            scope: machine ? 'docket/integration' : 'openid',
            ...(groups.length > 0 ? { 'cognito:groups': groups } : {}),
            ...(machine ? {} : { username: sub }),
          }),
      });
    },
    async verify(token, { issuer: expected, audience }) {
      try {
        const { payload } = await jwtVerify(token, keys, {
          issuer: expected,
          algorithms: RSA,
          requiredClaims: ['exp'],
        });
        if (Number(payload.iat ?? 0) > Date.now() / 1000) return undefined;
        const named = payload.aud === undefined ? payload.client_id : payload.aud;
        return [named].flat().some((one) => typeof one === 'string' && audience.includes(one)) ? payload : undefined;
      } catch {
        return undefined;
      }
    },
  };
}
