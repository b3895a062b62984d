import {
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  NoSuchKey,
  type S3Client,
} from '@aws-sdk/client-s3';
import { z } from 'zod';

/** Where Lambda puts what a function gave up. */
const PREFIX = 'aws/lambda/';

const json = z.string().transform((text, context): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    context.addIssue('is not JSON');
    return z.NEVER;
  }
});

/**
 * What Lambda writes there: why, and what the function was called with. Records of the stream are JSON within the JSON;
 * an event that nobody waited for is in another member.
 */
const GivenUp = z
  .object({
    timestamp: z.iso.datetime(),
    requestContext: z.object({
      functionArn: z.string(),
      condition: z.string(),
      approximateInvokeCount: z.int().default(0),
    }),
  })
  .and(
    z.union([
      z
        .object({ payload: z.union([json, z.unknown()]).pipe(z.object({ Records: z.array(z.unknown()) })) })
        .transform(({ payload }) => ({ of: 'stream' as const, payload, records: payload.Records.length })),
      z
        .object({ requestPayload: z.record(z.string(), z.unknown()) })
        .transform(({ requestPayload }) => ({ of: 'mail' as const, payload: requestPayload, records: 1 })),
    ]),
  );
export type GivenUp = z.infer<typeof GivenUp>;

/** What was given up: records by the stream's consumers, and what SES told by whoever records it. */
export interface GivenUpRecords {
  /** Keys behind `after`, the oldest of each shard first. */
  keys(limit: number, after: string | undefined): Promise<{ keys: string[]; next?: string }>;
  /** Nothing where there is no such object; `unreadable` where nobody can say what it is. */
  read(key: string): Promise<GivenUp | 'unreadable' | undefined>;
  remove(key: string): Promise<void>;
}

export const givenUpRecords = (client: S3Client, Bucket: string): GivenUpRecords => ({
  async keys(limit, after) {
    const { Contents = [], IsTruncated } = await client.send(
      new ListObjectsV2Command({ Bucket, Prefix: PREFIX, MaxKeys: limit, StartAfter: after }),
    );
    const keys = Contents.flatMap(({ Key }) => Key ?? []);
    return { keys, ...(IsTruncated && { next: keys.at(-1) }) };
  },
  async read(Key) {
    try {
      const { Body } = await client.send(new GetObjectCommand({ Bucket, Key }));
      return json.pipe(GivenUp).safeParse(await Body?.transformToString()).data ?? 'unreadable';
    } catch (error) {
      if (error instanceof NoSuchKey) return undefined;
      throw error;
    }
  },
  async remove(Key) {
    await client.send(new DeleteObjectCommand({ Bucket, Key }));
  },
});
