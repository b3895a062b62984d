import { api, on } from '../api/api.ts';
import { functionEnv, readEnv } from '../env.ts';
import { logger } from '../logger.ts';
import { signIn } from '../people/sign-in.ts';
import { services } from '../services.ts';
import { articleRoutes as routes } from './articles.routes.ts';
import { createArticle, patchArticle, stepOfReview } from './change-articles.ts';
import { findArticles, getArticle } from './read-articles.ts';

const deps = services(readEnv(functionEnv.articlesApi).TABLE_NAME);

export const handler = api(
  logger,
  on(routes.create, (request) => createArticle(deps, request)),
  on(routes.list, (request) => findArticles(deps, request)),
  on(routes.get, (request) => getArticle(deps, request)),
  on(routes.patch, (request) => patchArticle(deps, request)),
  on(routes.submit, (request) => stepOfReview('submitted')(deps, request)),
  on(routes.approve, (request) => stepOfReview('approved')(deps, request)),
  on(routes.publish, (request) => stepOfReview('published')(deps, request)),
).use(signIn(deps));
