import { randomUUID } from 'node:crypto';
import { Agent, createServer, type IncomingMessage, request } from 'node:http';
import { z } from 'zod';
import { messageOf } from './host-problem.ts';
import { functionArnOf, type Invoke, NO_FUNCTION } from './lambda.ts';

/** A refusal in the words of the service's API; the SDK makes an exception of this name of it. */
export class AwsRefusal extends Error {
  override name = 'AwsRefusal';
  readonly code: string;
  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

/**
 * Operations by the name the SDK sends in X-Amz-Target, such as `AWSEvents.PutEvents`; those of services that speak REST
 * by method and path.
 */
export type Operations = Record<string, (input: unknown) => unknown>;

/** Lambda's Invoke, whose path names the function: functions may call functions. */
const INVOCATION = /^\/2015-03-31\/functions\/([^/]+)\/invocations$/;

/** Serves the AWS JSON protocol (1.0 and 1.1, and REST) to the functions, on a free port of this machine only. */
export async function serveAws(
  operations: Operations,
  invoke: Invoke,
): Promise<{ url: string; stop: () => Promise<void> }> {
  const server = createServer(async (request, response) => {
    const answer = (status: number, body: unknown, headers: Record<string, string> = {}) =>
      response
        .writeHead(status, {
          'content-type': 'application/x-amz-json-1.0',
          'x-amzn-requestid': randomUUID(),
          ...headers,
        })
        .end(JSON.stringify(body));
    try {
      const [, called] = INVOCATION.exec(request.url ?? '') ?? [];
      if (called !== undefined) {
        const outcome = await invoke(functionArnOf(decodeURIComponent(called)), JSON.parse(await text(request)));
        if (outcome.ok) answer(200, outcome.payload);
        else if (outcome.error.errorType === NO_FUNCTION)
          answer(404, { Message: outcome.error.errorMessage }, { 'x-amzn-errortype': 'ResourceNotFoundException' });
        else answer(200, outcome.error, { 'x-amz-function-error': 'Unhandled' });
        return;
      }
      const target = String(request.headers['x-amz-target'] ?? `${request.method} ${request.url}`);
      const operation = operations[target];
      if (!operation) throw new AwsRefusal('UnknownOperationException', `The local host does not do ${target}.`);
      answer(200, (await operation(JSON.parse(await text(request)))) ?? {});
    } catch (error) {
      const refuse = (status: number, code: string, message: string) =>
        answer(status, { __type: code, message }, { 'x-amzn-errortype': code });
      if (error instanceof AwsRefusal) refuse(400, error.code, error.message);
      else if (error instanceof z.ZodError) refuse(400, 'ValidationException', z.prettifyError(error));
      else refuse(500, 'InternalServerError', messageOf(error));
    }
  });
  server.keepAliveTimeout = 60_000;
  const port = await listen(server, 0);
  return { url: `http://127.0.0.1:${port}`, stop: () => close(server) };
}

/** Listens on this machine only and answers the port. */
export const listen = (server: ReturnType<typeof createServer>, port: number): Promise<number> =>
  new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      const address = server.address();
      resolve(address && typeof address === 'object' ? address.port : port);
    });
  });

/** Ends a server without waiting for clients that keep their connections open. */
export const close = (server: ReturnType<typeof createServer>): Promise<void> =>
  new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });

async function text(message: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks).toString('utf8') || '{}';
}

/** Connections stay open between calls. */
const agent = new Agent({ keepAlive: true });

/**
 * Calls a service that speaks the AWS JSON protocol and answers its plain JSON: just what the SDK would unmarshal, and
 * what Lambda hands to functions. The stand-ins want a signature to be there but do not check it. By `node:http`, which
 * costs a third of what `fetch` does: streams are read hundreds of times a second.
 */
export async function callAws(endpoint: string, target: string, input: unknown): Promise<unknown> {
  const content = Buffer.from(JSON.stringify(input));
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    const headers = {
      'content-type': 'application/x-amz-json-1.0',
      'content-length': content.length,
      'x-amz-target': target,
      'x-amz-date': '20260101T000000Z',
      authorization:
        'AWS4-HMAC-SHA256 Credential=local/20260101/eu-west-1/dynamodb/aws4_request, SignedHeaders=host, Signature=0',
    };
    request(endpoint, { method: 'POST', agent, headers }, resolve).once('error', reject).end(content);
  });
  const body: unknown = JSON.parse(await text(answer));
  if (answer.statusCode === 200) return body;
  const fault = z.looseObject({ __type: z.string().default('Unknown'), message: z.string().default('') }).parse(body);
  throw new AwsRefusal(fault.__type.replace(/^.*#/, ''), fault.message);
}
