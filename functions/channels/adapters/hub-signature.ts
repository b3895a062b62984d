import { verify } from '@octokit/webhooks-methods';
import { accept, type Decision, refuse } from '../../../domain/refusal.ts';
import type { RawRequest } from './adapter.ts';
import { utf8 } from './standard-webhook.ts';

/** Neither a header that came twice, which the gateway joins with a comma, nor the older SHA-1. */
const SIGNATURE = /^sha256=[0-9a-f]{64}$/;

/** Whether the bytes of a request are signed by `X-Hub-Signature-256` with one of the secrets. */
export const verifyHubSignature = async (
  { headers, body }: RawRequest,
  secrets: readonly string[],
): Promise<Decision<true, 'SIGNATURE_INVALID'>> => {
  const { 'x-hub-signature-256': signature = '' } = headers;
  const text = utf8(body);
  if (text && SIGNATURE.test(signature)) {
    for (const secret of secrets) if (await verify(secret, text, signature)) return accept(true);
  }
  return refuse('SIGNATURE_INVALID', 'X-Hub-Signature-256 is not the channel’s');
};
