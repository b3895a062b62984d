import { gzipSync } from 'node:zlib';
import type { FileStore } from '../files/file-store.ts';
import type { Services } from '../services.ts';
import type { RawMessage, StoredRaw } from '../table/intake-store.ts';

/** An item has 400 KB. */
const MAX_ITEM_BYTES = 380_000;

/** A message as it came in, ready to be kept: in the table, or with the files where it is too large for that. */
export const packed = async (
  { files, ids }: Pick<Services, 'ids'> & { files: Pick<FileStore, 'put'> },
  { body, ...raw }: RawMessage,
): Promise<StoredRaw> => {
  const small = gzipSync(body);
  if (small.length <= MAX_ITEM_BYTES) return { ...raw, body: small };
  const bodyAt = `${RAW_PREFIX}${ids.random()}`;
  await files.put(bodyAt, small, 'application/gzip');
  return { ...raw, bodyAt };
};

/** What the bucket forgets by itself (`infra/attachments.ts`). */
const RAW_PREFIX = 'raw/';
