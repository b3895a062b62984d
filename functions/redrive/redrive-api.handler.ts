import { LambdaClient } from '@aws-sdk/client-lambda';
import { S3Client } from '@aws-sdk/client-s3';
import { api, on } from '../api/api.ts';
import { functionEnv, readEnv } from '../env.ts';
import { logger } from '../logger.ts';
import { signIn } from '../people/sign-in.ts';
import { services } from '../services.ts';
import { callsBy } from './functions.ts';
import { givenUpRecords } from './given-up.ts';
import { listFailures } from './list-failures.ts';
import { redriveRoutes as routes } from './redrive.routes.ts';
import { type RedriveServices, redrive } from './redrive.ts';

const env = readEnv(functionEnv.redriveApi);
const deps = services(env.TABLE_NAME);
const redriving: RedriveServices = {
  ...deps,
  givenUp: givenUpRecords(new S3Client({}), env.FAILURE_BUCKET),
  consumers: {
    reactions: env.REACTIONS_ARN,
    relay: env.RELAY_ARN,
    mailFeedback: env.MAIL_FEEDBACK_ARN,
    mailReceiver: env.MAIL_RECEIVER_ARN,
  },
  sweeper: env.SWEEPER_ARN,
  call: callsBy(new LambdaClient({})),
};

export const handler = api(
  logger,
  on(routes.list, (request) => listFailures(redriving, request)),
  on(routes.redrive, async (request) => {
    const outcome = await redrive(redriving, request);
    logger.info('redrive', { by: request.caller.userId, failureId: request.params.failureId, outcome });
    return outcome;
  }),
).use(signIn(deps));
