import { createHash } from 'node:crypto';
import { type Key, padded } from './parts.ts';

export const migrationKey = (migrationId: string, segment: number): Key => ({
  PK: `MIGRATION#${migrationId}`,
  SK: `SEGMENT#${padded(segment, 4)}`,
});

/** One record a caller, route and key; hashed, because a caller's key may be any text. */
export const idempotencyKey = (caller: string, route: string, key: string): Key => ({
  PK: `IDEMPOTENCY#${createHash('sha256')
    .update(JSON.stringify([caller, route, key]))
    .digest('hex')}`,
  SK: 'IDEMPOTENCY',
});

/** What a row of an import became, by what it is known by. */
export const importedKey = (name: string): Key => ({ PK: `IMPORTED#${name}`, SK: 'IMPORTED' });
