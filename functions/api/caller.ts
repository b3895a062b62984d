import { z } from 'zod';
import type { Caller } from '../../domain/cases/case-file.ts';

export type Role = Caller['roles'][number];

/** What the authorizer passes on. HTTP API delivers an array claim as one string: `[agent supervisor]`. */
const Claims = z.object({
  sub: z.string().optional(),
  client_id: z.string().optional(),
  scope: z.string().optional(),
  'cognito:groups': z.string().optional(),
});

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
  const { sub, client_id: clientId, scope = '', 'cognito:groups': groups = '' } = parsed.data;
  const roles = new Set<Role>(words(groups).flatMap((group) => GROUP_ROLES[group] ?? []));
  if (scope.split(' ').includes(INTEGRATION_SCOPE)) roles.add('integration');
  const userId = roles.has('integration') ? (clientId ?? sub) : (sub ?? clientId);
  return userId ? { userId, roles: [...roles] } : undefined;
};

const words = (groups: string): string[] =>
  groups
    .replace(/^\[|\]$/g, '')
    .split(/[ ,]+/)
    .filter(Boolean);
