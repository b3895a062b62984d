import { join } from 'node:path';
import { startFauxqs } from 'fauxqs';
import type { DataFolder } from './data-folder.ts';
import type { CloudApp } from './template.ts';
import { REGION } from './template.ts';

export interface StorageService {
  /** AWS_ENDPOINT_URL_… of what it serves. */
  readonly endpoints: Record<string, string>;
  put(bucket: string, key: string, body: string | Uint8Array<ArrayBuffer>): Promise<void>;
  stop(): Promise<void>;
}

/** Buckets, queues and topics of the templates, by fauxqs, kept in the data folder. */
export async function storageService(app: CloudApp, data: DataFolder): Promise<StorageService> {
  const server = await startFauxqs({
    port: 0,
    logger: false,
    defaultRegion: REGION,
    dataDir: join(data.path, 'storage'),
  });
  const url = `http://127.0.0.1:${server.port}`;
  server.setup({
    buckets: app.ofType('AWS::S3::Bucket').map(({ name }) => name),
    queues: app.ofType('AWS::SQS::Queue').map(({ name }) => ({ name, region: REGION })),
    topics: app.ofType('AWS::SNS::Topic').map(({ name }) => ({ name, region: REGION })),
  });
  return {
    endpoints: { AWS_ENDPOINT_URL_S3: url, AWS_ENDPOINT_URL_SNS: url, AWS_ENDPOINT_URL_SQS: url },
    async put(bucket, key, body) {
      const response = await fetch(`${url}/${bucket}/${key}`, {
        method: 'PUT',
        headers: { 'content-type': 'application/json' },
        body,
      });
      if (!response.ok) throw new Error(`The bucket ${bucket} answered ${response.status}.`);
    },
    stop: () => server.stop(),
  };
}
