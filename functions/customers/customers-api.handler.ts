import { S3Client } from '@aws-sdk/client-s3';
import { api, on } from '../api/api.ts';
import { functionEnv, readEnv } from '../env.ts';
import { eraseCustomer } from '../erasure/erase-customer.ts';
import { fileStore } from '../files/file-store.ts';
import { logger } from '../logger.ts';
import { signIn } from '../people/sign-in.ts';
import { services } from '../services.ts';
import { customerRoutes as routes } from './customers.routes.ts';
import { createCustomer, getCustomer, listCasesOf, listCustomers, patchCustomer } from './customers.ts';
import { exportCustomer } from './export-customer.ts';

const env = readEnv(functionEnv.customersApi);
const deps = { ...services(env.TABLE_NAME), files: fileStore(new S3Client({}), env.ATTACHMENT_BUCKET) };

export const handler = api(
  logger,
  on(routes.create, (request) => createCustomer(deps, request)),
  on(routes.list, (request) => listCustomers(deps, request)),
  on(routes.get, (request) => getCustomer(deps, request)),
  on(routes.patch, (request) => patchCustomer(deps, request)),
  on(routes.export, (request) => exportCustomer(deps, request)),
  on(routes.exportByPost, (request) => exportCustomer(deps, request)),
  on(routes.erase, (request) => eraseCustomer(deps, request)),
  on(routes.cases, (request) => listCasesOf(deps, request)),
).use(signIn(deps));
