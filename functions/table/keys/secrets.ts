import { SECRETS, type SecretKind } from '../schema.ts';
import { type Key, padded } from './parts.ts';

/** Roles are kept from these partitions by how their names begin (`infra/constructs/service-function.ts`). */
export const secretVersions = ({ kind, id }: { kind: SecretKind; id: string }): string =>
  `${SECRETS.prefix}#${kind}#${id}`;

export const SECRET_VERSION_PREFIX = 'V#';

export const secretVersionKey = (owner: { kind: SecretKind; id: string }, version: number): Key => ({
  PK: secretVersions(owner),
  SK: `${SECRET_VERSION_PREFIX}${padded(version, 8)}`,
});

export const secretHeadKey = ({ kind, id }: { kind: SecretKind; id: string }): Key => ({
  PK: `SECRETS#${kind}#${id}`,
  SK: 'HEAD',
});
