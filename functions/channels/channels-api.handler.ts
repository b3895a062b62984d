import { S3Client } from '@aws-sdk/client-s3';
import { api, on } from '../api/api.ts';
import { functionEnv, readEnv } from '../env.ts';
import { fileStore, S3_OPTIONS } from '../files/file-store.ts';
import { listIntake } from '../intake/list-intake.ts';
import { reprocess } from '../intake/reprocess.ts';
import { simulateMessage } from '../intake/simulate.ts';
import { logger } from '../logger.ts';
import { signIn } from '../people/sign-in.ts';
import { services } from '../services.ts';
import { getSetting, listSettings } from '../settings/documents.ts';
import { deleteChannel, deleteTemplate, putChannel, putTemplate, rotateSecret } from './change-channels.ts';
import { intakeRoutes, channelSettingRoutes as routes } from './channels.routes.ts';

const env = readEnv(functionEnv.channelsApi);
const deps = { ...services(env.TABLE_NAME), files: fileStore(new S3Client(S3_OPTIONS), env.ATTACHMENT_BUCKET) };
const { channels, messageTemplates } = deps.settings;

export const handler = api(
  logger,
  on(routes.list, (request) => listSettings(channels, request)),
  on(routes.get, (request) => getSetting(channels, request)),
  on(routes.put, (request) => putChannel(deps, request)),
  on(routes.delete, (request) => deleteChannel(deps, request)),
  on(routes.rotate, (request) => rotateSecret(deps, request)),
  on(routes.simulate, (request) => simulateMessage(deps, request)),
  on(intakeRoutes.list, (request) => listIntake(deps, request)),
  on(intakeRoutes.reprocess, (request) => reprocess(deps, request)),
  on(routes.listTemplates, (request) => listSettings(messageTemplates, request)),
  on(routes.getTemplate, (request) => getSetting(messageTemplates, request)),
  on(routes.putTemplate, (request) => putTemplate(deps, request)),
  on(routes.deleteTemplate, (request) => deleteTemplate(deps, request)),
).use(signIn(deps));
