import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import type { Context } from 'aws-lambda';
import { functionEnv, readEnv } from '../env.ts';
import { fileStore, S3_OPTIONS } from '../files/file-store.ts';
import { logger } from '../logger.ts';
import { SesReceived, verdictHeaders } from '../mail/ses-received.ts';
import { services } from '../services.ts';
import { receiveMail } from './receive-mail.ts';

const env = readEnv(functionEnv.mailReceiver);
const s3 = new S3Client(S3_OPTIONS);
const deps = { ...services(env.TABLE_NAME), files: fileStore(s3, env.ATTACHMENT_BUCKET) };

/** Takes in a mail that SES has put into the bucket. What fails is called again, and changes nothing the second time. */
export const handler = async (event: unknown, { awsRequestId }: Pick<Context, 'awsRequestId'>): Promise<void> => {
  const [{ ses }] = SesReceived.parse(event).Records;
  const { messageId } = ses.mail;
  const about = { messageId, requestId: awsRequestId };
  logger.info('mail', about);
  const object = await s3.send(
    new GetObjectCommand({ Bucket: env.MAIL_BUCKET, Key: `${env.MAIL_PREFIX}${messageId}` }),
  );
  const raw = Buffer.from((await object.Body?.transformToByteArray()) ?? []);
  const delivered = await receiveMail(deps, {
    raw,
    recipients: ses.receipt.recipients,
    verdicts: verdictHeaders(ses.receipt),
    correlationId: awsRequestId,
  });
  // Nobody here has these addresses; how many there are tells of an address that should be an alias.
  if (delivered.length === 0) logger.warn('mail for nobody', { ...about, recipients: ses.receipt.recipients.length });
  logger.info('mail taken in', { ...about, bytes: raw.length, delivered });
};
