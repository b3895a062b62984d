import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  NotFound,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';

/** The bytes of attachments, by their ids. */
export interface FileStore {
  put(attachmentId: string, content: Uint8Array, contentType: string): Promise<void>;
  get(attachmentId: string): Promise<Uint8Array>;
  /** Does nothing where there is none. */
  remove(attachmentId: string): Promise<void>;
  /** How large it is; nothing while nobody has uploaded it. */
  sizeOf(attachmentId: string): Promise<number | undefined>;
  /** Where just this file can be put, and for how long. */
  uploadAddress(attachmentId: string, file: { contentType: string; size: number }): Promise<Address>;
  /** Where it can be fetched as a download, and for how long. */
  downloadAddress(attachmentId: string, file: { name: string; contentType: string }): Promise<Address>;
}

export interface Address {
  url: string;
  /** That have to be sent with it. */
  headers: Record<string, string>;
  seconds: number;
}

/** Long enough for a slow line, too short to be handed around. */
const UPLOAD_SECONDS = 15 * 60;
const DOWNLOAD_SECONDS = 5 * 60;

/** The store in a bucket. */
export const fileStore = (client: S3Client, Bucket: string): FileStore => {
  const at = (attachmentId: string) => ({ Bucket, Key: `attachments/${attachmentId}` });
  return {
    async put(attachmentId, Body, ContentType) {
      await client.send(new PutObjectCommand({ ...at(attachmentId), Body, ContentType }));
    },
    async get(attachmentId) {
      const { Body } = await client.send(new GetObjectCommand(at(attachmentId)));
      return (await Body?.transformToByteArray()) ?? new Uint8Array();
    },
    async remove(attachmentId) {
      await client.send(new DeleteObjectCommand(at(attachmentId)));
    },
    async sizeOf(attachmentId) {
      try {
        return (await client.send(new HeadObjectCommand(at(attachmentId)))).ContentLength;
      } catch (error) {
        if (error instanceof NotFound) return undefined;
        throw error;
      }
    },
    async uploadAddress(attachmentId, { contentType, size }) {
      const put = new PutObjectCommand({ ...at(attachmentId), ContentType: contentType, ContentLength: size });
      // Signed, so that nothing larger and nothing else can be put there.
      const signed = { signableHeaders: new Set(['content-type', 'content-length']), expiresIn: UPLOAD_SECONDS };
      const url = await getSignedUrl(client, put, signed);
      return { url, headers: { 'content-type': contentType }, seconds: UPLOAD_SECONDS };
    },
    async downloadAddress(attachmentId, { name, contentType }) {
      // Never shown by a browser under our bucket's name: what customers send is only ever saved.
      const disposition = `attachment; filename*=UTF-8''${encodeURIComponent(name)}`;
      const get = new GetObjectCommand({
        ...at(attachmentId),
        ResponseContentDisposition: disposition,
        ResponseContentType: contentType,
      });
      const url = await getSignedUrl(client, get, { expiresIn: DOWNLOAD_SECONDS });
      return { url, headers: {}, seconds: DOWNLOAD_SECONDS };
    },
  };
};

/** A client whose upload addresses ask for no checksum that only the SDK would compute. */
export const S3_OPTIONS = {
  requestChecksumCalculation: 'WHEN_REQUIRED',
  responseChecksumValidation: 'WHEN_REQUIRED',
} as const;
