import { createHash } from 'node:crypto';
import type { APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { refuse } from '../../domain/refusal.ts';
import { ORIGIN_SHA256 } from '../env.ts';
import { problem } from './problem.ts';

type Headers = Readonly<Record<string, string | undefined>>;

/** The header in which what stands in front of the API shows its words. */
const ORIGIN_HEADER = 'x-docket-origin';

/** Whether a request came the way that it should: any way is right where nothing stands in front of the API. */
export const cameThroughTheFront = (headers: Headers, admitted: readonly string[] = ORIGIN_SHA256): boolean =>
  admitted.length === 0 ||
  // Hashes are compared, so that how long it takes tells nothing of the words.
  admitted.includes(
    createHash('sha256')
      .update(headers[ORIGIN_HEADER] ?? '')
      .digest('hex'),
  );

/** The answer to a request that went around it. */
export const notThroughTheFront = (): APIGatewayProxyStructuredResultV2 =>
  problem(refuse('FORBIDDEN', 'The API is reached through another address'));

/** The name by which the caller knows the API: senders sign it, and what stands in front of it calls it by another. */
export const hostOf = (headers: Headers): string | undefined =>
  (ORIGIN_SHA256.length > 0 ? headers['x-docket-host'] : undefined) ?? headers.host;
