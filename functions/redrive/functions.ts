import { InvokeCommand, type LambdaClient } from '@aws-sdk/client-lambda';
import { z } from 'zod';

/** What calling a function came to. */
export type Called = { ended: 'well'; answer: unknown } | { ended: 'badly'; error: string } | { ended: 'not yet' };

export type Call = (functionArn: string, event: unknown) => Promise<Called>;

const Fault = z.object({ errorType: z.string().default('Error') });

/** A call is waited for as long as the API's own answer leaves time; what it began goes on by itself. */
const PATIENCE_MS = 24_000;

/** Calls functions and waits for their answers. Messages of faults are not told: they may hold what customers wrote. */
export const callsBy =
  (client: LambdaClient): Call =>
  async (FunctionName, event) => {
    const abortSignal = AbortSignal.timeout(PATIENCE_MS);
    try {
      const { FunctionError, Payload } = await client.send(
        new InvokeCommand({ FunctionName, Payload: JSON.stringify(event) }),
        { abortSignal },
      );
      const answer: unknown = JSON.parse(Payload?.transformToString() || 'null');
      if (FunctionError === undefined) return { ended: 'well', answer };
      return { ended: 'badly', error: Fault.safeParse(answer).data?.errorType ?? FunctionError };
    } catch (error) {
      if (abortSignal.aborted) return { ended: 'not yet' };
      throw error;
    }
  };
