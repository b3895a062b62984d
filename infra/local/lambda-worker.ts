import { pathToFileURL } from 'node:url';
import { parentPort, workerData } from 'node:worker_threads';
import { readClock } from './clock.ts';
import { installServiceDate } from './service-date.ts';

/**
 * One execution environment of a function: loads the bundle once, then answers one request at a time. Its environment
 * variables are only the function's own; whatever else it needs from the host comes in `WorkerStart`.
 */
export interface WorkerStart {
  readonly file: string;
  readonly exportName: string;
  readonly clock: BigInt64Array;
  readonly functionArn: string;
}
export interface WorkerRequest {
  readonly requestId: string;
  readonly event: string;
  readonly timeoutMs: number;
}
export type WorkerAnswer =
  | { readonly payload: string }
  | {
      readonly error: { readonly errorType: string; readonly errorMessage: string; readonly trace: readonly string[] };
    };

const start: WorkerStart = workerData;
// What Node makes of this file and of the bundle is kept beside the bundles: every other worker, and every other host of
// the same assembly, loads in half the time. It was read by now, and the function need not see it.
delete process.env.NODE_COMPILE_CACHE;
const realNow = Date.now;
installServiceDate(() => readClock(start.clock, realNow));

const loaded: Record<string, unknown> = await import(pathToFileURL(start.file).href);
const handler = loaded[start.exportName];
if (typeof handler !== 'function') throw new TypeError(`${start.file} exports no function ${start.exportName}`);

const environment = process.env;
const contextOf = ({ requestId, timeoutMs }: WorkerRequest) => {
  const deadline = performance.now() + timeoutMs;
  return {
    awsRequestId: requestId,
    callbackWaitsForEmptyEventLoop: false,
    functionName: environment.AWS_LAMBDA_FUNCTION_NAME,
    functionVersion: '$LATEST',
    invokedFunctionArn: start.functionArn,
    logGroupName: environment.AWS_LAMBDA_LOG_GROUP_NAME,
    logStreamName: environment.AWS_LAMBDA_LOG_STREAM_NAME,
    memoryLimitInMB: environment.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    getRemainingTimeInMillis: () => Math.max(0, Math.round(deadline - performance.now())),
  };
};

const answer = async (request: WorkerRequest): Promise<WorkerAnswer> => {
  try {
    const result: unknown = await handler(JSON.parse(request.event), contextOf(request));
    return { payload: JSON.stringify(result) ?? 'null' };
  } catch (fault) {
    const error = fault instanceof Error ? fault : new Error(String(fault));
    console.error(error);
    return { error: { errorType: error.name, errorMessage: error.message, trace: error.stack?.split('\n') ?? [] } };
  }
};

parentPort?.on('message', async (request: WorkerRequest) => parentPort?.postMessage(await answer(request)));
// Tells the host that the bundle is loaded and requests may come.
parentPort?.postMessage('ready');
