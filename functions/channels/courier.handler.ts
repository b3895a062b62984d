import { S3Client } from '@aws-sdk/client-s3';
import { SESv2Client } from '@aws-sdk/client-sesv2';
import { z } from 'zod';
import { functionEnv, readEnv } from '../env.ts';
import { fileStore, S3_OPTIONS } from '../files/file-store.ts';
import { guardedHttp } from '../http/guarded-http.ts';
import { logger } from '../logger.ts';
import { sesMail } from '../mail/ses-mail.ts';
import { type CourierServices, deliver, deliverDue } from '../replies/deliver.ts';
import { services } from '../services.ts';

/** Providers answer in a second; the beginning of an answer says what they call the message. */
const LIMITS = { connectMs: 5_000, totalMs: 15_000, answerBytes: 64 * 1024 };

const env = readEnv(functionEnv.courier);
const deps: CourierServices = {
  ...services(env.TABLE_NAME),
  files: fileStore(new S3Client(S3_OPTIONS), env.ATTACHMENT_BUCKET),
  http: guardedHttp({ addresses: env.OUTBOUND_ADDRESSES, limits: LIMITS }),
  mail: sesMail(new SESv2Client(), env.MAIL_CONFIGURATION_SET),
};

/** A message that is to leave; anything else that calls is the schedule. */
const Queued = z.object({ detail: z.object({ data: z.object({ caseId: z.uuid(), activityId: z.uuid() }) }) });

export const handler = async (event: unknown): Promise<void> => {
  const queued = Queued.safeParse(event).data?.detail.data;
  if (queued) {
    const activity = await deliver(deps, queued);
    logger.info('delivered', { ...queued, delivery: activity?.delivery, attempts: activity?.sending?.attempts });
    return;
  }
  const delivered = await deliverDue(deps, (partition, error) => {
    logger.error('not delivered', { partition, error: error instanceof Error ? error : String(error) });
  });
  logger.info('looked', { delivered });
};
