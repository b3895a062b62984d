import type { APIGatewayProxyStructuredResultV2 } from 'aws-lambda';

/**
 * The headers by which browsers and caches keep what they are given to themselves (OWASP's REST recommendations): only
 * TLS, no guessing of types, no framing, no copies. An answer's own headers go before these.
 */
const PROTECTING = {
  'strict-transport-security': 'max-age=31536000; includeSubDomains',
  'x-content-type-options': 'nosniff',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-store',
};

export const withProtectingHeaders = (
  answer: APIGatewayProxyStructuredResultV2,
): APIGatewayProxyStructuredResultV2 => ({
  ...answer,
  headers: { ...PROTECTING, ...answer.headers },
});
