import { MAX_FILE_BYTES } from '../../../domain/files/judge-file.ts';
import type { Fetched } from '../../files/keep-files.ts';
import type { GuardedHttp, HttpResult } from '../../http/guarded-http.ts';

/** Where a provider keeps a file, and what opens it. */
export interface ProviderFile {
  url: string;
  /** The provider's own machines: whoever writes a message could write any address into it, and our token goes there. */
  hosts: readonly string[];
  headers?: Record<string, string>;
  /** Where the provider sends us on to, and nobody needs our token. */
  onward?: readonly string[];
}

/** Fetches a file from its provider, and from nobody else. */
export const fetchFrom = async (http: GuardedHttp, file: ProviderFile): Promise<Fetched> => {
  const { url, hosts, headers, onward = [] } = file;
  if (!isOn(url, hosts)) return { reason: 'addressRefused' };
  const result = await http({ method: 'GET', url, ...(headers && { headers }) });
  const next = result.answered ? sentOnTo(result, url) : undefined;
  return next ? fetchFrom(http, { url: next, hosts: onward }) : contentOf(result);
};

/** Why a provider that was asked where a file lies has not said it. */
export const whyNotFound = (asked: HttpResult): { reason: string } => ({
  reason: asked.answered ? `answered${asked.status}` : asked.fault,
});

const isOn = (url: string, hosts: readonly string[]): boolean => {
  const target = URL.parse(url);
  return target?.protocol === 'https:' && target.port === '' && hosts.includes(target.hostname);
};

const sentOnTo = ({ status, headers }: HttpResult & { answered: true }, from: string): string | undefined =>
  status >= 300 && status < 400 ? URL.parse(String(headers.location), from)?.href : undefined;

const contentOf = (result: HttpResult): Fetched => {
  if (!result.answered) return { reason: result.fault };
  const { status, headers, body, isCut } = result;
  if (status !== 200) return { reason: `answered${status}` };
  // A page where somebody may sign in, instead of the file.
  if (/^text\/html\b/i.test(String(headers['content-type'] ?? ''))) return { reason: 'notAllowed' };
  return isCut && body.length <= MAX_FILE_BYTES ? { reason: 'connectionBroken' } : { content: body };
};
