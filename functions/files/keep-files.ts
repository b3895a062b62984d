import type { AttachedFile } from '../../domain/activities/activity.ts';
import { plainName, whyNotKept } from '../../domain/files/judge-file.ts';
import type { InboundFile } from '../../domain/intake/message.ts';
import type { Services } from '../services.ts';
import type { FileStore } from './file-store.ts';

/** Fetches what a message only named. */
export type FetchFile = (
  source: Readonly<Record<string, string>>,
) => Promise<{ content: Uint8Array; contentType?: string }>;

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
): Promise<AttachedFile[]> =>
  Promise.all(
    all.slice(0, MOST_NAMED).map(async (file, n): Promise<AttachedFile> => {
      const { name, source, size = file.content?.length } = file;
      const about = { attachmentId: ids.random(), name: plainName(name), contentType: file.contentType };
      const reason = n < MOST_KEPT ? whyNotKept({ ...about, name, size }) : 'tooMany';
      if (reason) return { ...about, ...(size !== undefined && { size }), state: 'refused', reason };
      const content = file.content ?? (source && fetchFile && (await bytesOf(fetchFile, source)));
      if (!content) return { ...about, state: 'failed', reason: 'notFetched' };
      const tooLarge = whyNotKept({ ...about, name, size: content.length });
      if (tooLarge) return { ...about, size: content.length, state: 'refused', reason: tooLarge };
      await files.put(about.attachmentId, content, about.contentType);
      return { ...about, size: content.length, state: 'stored' };
    }),
  );

/** Whatever the provider does: it is about one file only. */
const bytesOf = async (
  fetchFile: FetchFile,
  source: Readonly<Record<string, string>>,
): Promise<Uint8Array | undefined> => {
  try {
    return (await fetchFile(source)).content;
  } catch {
    return undefined;
  }
};
