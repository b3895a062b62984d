import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { z } from 'zod';
import type { Caller } from '../../domain/cases/case-file.ts';
import { ROLES_CLAIM } from '../env.ts';

export type Role = Caller['roles'][number];

/** What the authorizer passes on. HTTP API delivers an array claim as one string: `[agent supervisor]`. */
const Claims = z.object({
  sub: z.string().optional(),
  client_id: z.string().optional(),
  scope: z.string().optional(),
  [ROLES_CLAIM]: z.string().optional(),
  username: z.string().optional(),
  name: z.string().optional(),
  email: z.string().optional(),
});

const RequestContext = z.object({
  authorizer: z.object({ jwt: z.object({ claims: z.record(z.string(), z.unknown()) }) }),
});

/** The claims that the authorizer has verified; nothing where no token was asked for. */
export const authorizerClaims = (event: APIGatewayProxyEventV2): unknown => {
  const parsed = RequestContext.safeParse(event.requestContext);
  return parsed.success ? parsed.data.authorizer.jwt.claims : undefined;
};

/** The scope of machine clients. */
export const INTEGRATION_SCOPE = 'docket/integration';

/** What a group may do besides its own: admins are supervisors, and supervisors are agents. */
const GROUP_ROLES: Record<string, readonly Role[]> = {
  agent: ['agent'],
  supervisor: ['agent', 'supervisor'],
  admin: ['agent', 'supervisor', 'admin'],
};

/** The caller that a verified token's claims stand for, or nothing when they name nobody. */
export const callerOf = (claims: unknown): Caller | undefined => {
  const parsed = Claims.safeParse(claims);
  if (!parsed.success) return undefined;
  const { sub, client_id: clientId, scope = '', [ROLES_CLAIM]: groups = '' } = parsed.data;
  const roles = new Set<Role>(words(groups).flatMap((group) => GROUP_ROLES[group] ?? []));
  if (scope.split(' ').includes(INTEGRATION_SCOPE)) roles.add('integration');
  const userId = roles.has('integration') ? (clientId ?? sub) : (sub ?? clientId);
  return userId ? { userId, roles: [...roles] } : undefined;
};

/** The person who calls, with what the token says of them; nothing for machines and for those without a role. */
export const personOf = (
  event: APIGatewayProxyEventV2,
): { userId: string; name?: string; email?: string } | undefined => {
  const claims = authorizerClaims(event);
  const caller = callerOf(claims);
  if (!caller || caller.roles.length === 0 || caller.roles.includes('integration')) return undefined;
  const { name, username, email } = Claims.parse(claims);
  return { userId: caller.userId, name: name ?? username, email };
};

const words = (groups: string): string[] =>
  groups
    .replace(/^\[|\]$/g, '')
    .split(/[ ,]+/)
    .filter(Boolean);
