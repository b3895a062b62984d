import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { refuse } from '../../domain/refusal.ts';
import { withProtectingHeaders } from '../api/headers.ts';
import { cameThroughTheFront, notThroughTheFront } from '../api/origin.ts';
import { problem } from '../api/problem.ts';
import { openApiDocument } from './openapi.ts';

const json = (body: unknown): APIGatewayProxyStructuredResultV2 => ({
  statusCode: 200,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(body),
});

const START = `SwaggerUIBundle({ url: '/openapi.json', dom_id: '#reader', deepLinking: true, persistAuthorization: true });`;

/** The reader's page and script; its files lie beside the bundled function. */
const PAGE = `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>Docket API</title><link rel="stylesheet" href="/docs/swagger-ui.css"></head>
<body><div id="reader"></div><script src="/docs/swagger-ui-bundle.js"></script>
<script>${START}</script>
</body></html>`;

/** What the page may do: its own files, its one script, and calls of this API. Swagger UI sets styles and data images. */
const PAGE_POLICY = [
  "default-src 'none'",
  `script-src 'self' 'sha256-${createHash('sha256').update(START).digest('base64')}'`,
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "frame-ancestors 'none'",
].join('; ');

const FILES: Readonly<Record<string, string>> = {
  'swagger-ui.css': 'text/css; charset=utf-8',
  'swagger-ui-bundle.js': 'text/javascript; charset=utf-8',
};

const file = (name: string): APIGatewayProxyStructuredResultV2 | undefined => {
  const type = FILES[name];
  if (!type) return undefined;
  const headers = { 'content-type': type, 'cache-control': 'public, max-age=86400' };
  return { statusCode: 200, headers, body: readFileSync(new URL(`./${name}`, import.meta.url), 'utf8') };
};

let document: unknown;

/** What needs no token: the API's document, a page to read it, whether the service answers; and every unknown route. */
export const handler = async (event: APIGatewayProxyEventV2): Promise<APIGatewayProxyStructuredResultV2> =>
  withProtectingHeaders(cameThroughTheFront(event.headers) ? answerTo(event) : notThroughTheFront());

const answerTo = (event: APIGatewayProxyEventV2): APIGatewayProxyStructuredResultV2 => {
  const { method, path } = event.requestContext.http;
  if (method === 'GET') {
    if (path === '/health') return json({ now: new Date().toISOString(), speed: 1 });
    if (path === '/openapi.json') {
      document ??= openApiDocument();
      return json(document);
    }
    if (path === '/docs')
      return {
        statusCode: 200,
        headers: { 'content-type': 'text/html; charset=utf-8', 'content-security-policy': PAGE_POLICY },
        body: PAGE,
      };
    const found = path.startsWith('/docs/') ? file(path.slice('/docs/'.length)) : undefined;
    if (found) return found;
  }
  return problem(refuse('NOT_FOUND', `There is no route ${method} ${path}`));
};
