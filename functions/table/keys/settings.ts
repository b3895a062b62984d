import { allShards, type Key, padded, shardOf } from './parts.ts';

export const settingsHeadKey: Key = { PK: 'SETTINGS', SK: 'HEAD' };
export const settingCollection = (kind: string): string => `SETTINGS#${kind}`;
export const settingKey = (kind: string, id: string): Key => ({ PK: settingCollection(kind), SK: id });
export const settingVersions = (kind: string, id: string): string => `SETTINGS#${kind}#${id}`;

export const settingVersionKey = (kind: string, id: string, version: number): Key => ({
  PK: settingVersions(kind, id),
  SK: `V#${padded(version, 8)}`,
});

export const fieldUseKey = (name: string): Key => ({ PK: 'CUSTOM_FIELDS', SK: `USE#${name}` });
export const CUSTOMER_FIELD_USES = 'CUSTOMER_FIELDS';
export const customerFieldUseKey = (field: string): Key => ({ PK: CUSTOMER_FIELD_USES, SK: `USE#${field}` });
export const REASON_USES = 'REASONS';
export const reasonUseKey = (reasonId: string): Key => ({ PK: REASON_USES, SK: `USE#${reasonId}` });
export const reasonCounts = (reasonId: string): string[] => allShards((shard) => `REASON#${reasonId}#${shard}`);

/** Each reason has 64 counters over 8 partitions, so that cases which move to the same one do not wait for each other. */
export const reasonCountKeys = (reasonId: string): Key[] =>
  reasonCounts(reasonId).flatMap((PK) => allShards((shard) => `CASES#${shard}`).map((SK) => ({ PK, SK })));

/** The one of them that counts a case. */
export const reasonCountKey = (reasonId: string, caseId: string): Key => ({
  PK: `REASON#${reasonId}#${shardOf(caseId)}`,
  SK: `CASES#${shardOf(caseId, 1)}`,
});
