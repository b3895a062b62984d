import { functionEnv, readEnv } from '../env.ts';
import { logger } from '../logger.ts';
import { feedbackOf } from '../mail/ses-feedback.ts';
import { services } from '../services.ts';
import { recordFeedback } from './record-feedback.ts';

const env = readEnv(functionEnv.mailFeedback);
const deps = services(env.TABLE_NAME);

/** Bounces and complaints, as SES tells them on the account's event bus. */
export const handler = async (event: unknown): Promise<void> => {
  const told = feedbackOf(event);
  if (!told) return logger.info('of no consequence');
  const activity = await recordFeedback(deps, told.named, told.feedback);
  logger.info('told', { ...told.named, delivery: activity?.delivery });
};
