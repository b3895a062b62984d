import type { AttachedFile } from '../../domain/activities/activity.ts';
import { plainName, whyNotKept } from '../../domain/files/judge-file.ts';
import type { InboundFile } from '../../domain/intake/message.ts';
import { inParallel } from '../in-parallel.ts';
import type { Services } from '../services.ts';
import type { FileStore } from './file-store.ts';

/** What a message only named, or a word that says why it cannot be had. */
export type Fetched = { content: Uint8Array } | { reason: string };
export type FetchFile = (source: Readonly<Record<string, string>>) => Promise<Fetched>;

/** So many are in memory at a time. */
const AT_ONCE = 3;
/** The provider waits for our answer meanwhile, and the function ends after half a minute. */
const PATIENCE_MS = 15_000;

/** Each is a write of the transaction that takes the message in, and that has a hundred. */
const MOST_KEPT = 40;
/** An activity names so many. */
const MOST_NAMED = 100;

/**
 * Stores the files of a message before it is committed: one that is never committed leaves bytes that nothing names. A
 * file that cannot be had does not keep the message from being taken in.
 */
export const keepFiles = (
  { ids, files }: Pick<Services, 'ids'> & { files: Pick<FileStore, 'put'> },
  all: readonly InboundFile[],
  fetchFile?: FetchFile,
): Promise<AttachedFile[]> => {
  const patience = AbortSignal.timeout(PATIENCE_MS);
  return inParallel(
    [...all.slice(0, MOST_NAMED).entries()],
    async ([n, file]): Promise<AttachedFile> => {
      const { name, source = {}, size = file.content?.length } = file;
      const about = { attachmentId: ids.random(), name: plainName(name), contentType: file.contentType };
      const reason = n < MOST_KEPT ? whyNotKept({ ...about, name, size }) : 'tooMany';
      if (reason) return { ...about, ...(size !== undefined && { size }), state: 'refused', reason };
      const { content } = file;
      const fetched = content ? { content } : await bytesOf(fetchFile, source, patience);
      if ('reason' in fetched) return { ...about, state: 'failed', reason: fetched.reason };
      const length = fetched.content.length;
      const tooLarge = whyNotKept({ ...about, name, size: length });
      if (tooLarge) return { ...about, size: length, state: 'refused', reason: tooLarge };
      await files.put(about.attachmentId, fetched.content, about.contentType);
      return { ...about, size: length, state: 'stored' };
    },
    AT_ONCE,
  );
};

/** Whatever the provider does: it is about one file only. */
const bytesOf = async (
  fetchFile: FetchFile = async () => ({ reason: 'notFetched' }),
  source: Readonly<Record<string, string>>,
  patience: AbortSignal,
): Promise<Fetched> => {
  if (patience.aborted) return { reason: 'timedOut' };
  const late = Promise.withResolvers<Fetched>();
  patience.addEventListener('abort', () => late.resolve({ reason: 'timedOut' }), { once: true });
  try {
    return await Promise.race([fetchFile(source), late.promise]);
  } catch {
    return { reason: 'notFetched' };
  }
};
