import { reports } from '../../domain/reports/reports.ts';
import { api, on } from '../api/api.ts';
import { functionEnv, readEnv } from '../env.ts';
import { logger } from '../logger.ts';
import { signIn } from '../people/sign-in.ts';
import { services } from '../services.ts';
import { reviewQueues } from './queue-review.ts';
import { readReport } from './read-report.ts';
import { rebuildReports } from './rebuild-reports.ts';
import { reportRoutes as routes } from './reports.routes.ts';

const deps = services(readEnv(functionEnv.reportsApi).TABLE_NAME);

export const handler = api(
  logger,
  on(routes.closedByReason, (request) => readReport(deps, reports.closedByReason, request)),
  on(routes.subjectVolume, (request) => readReport(deps, reports.subjectVolume, request)),
  on(routes.productVolume, (request) => readReport(deps, reports.productVolume, request)),
  on(routes.slaCompliance, (request) => readReport(deps, reports.slaCompliance, request)),
  on(routes.reopenRate, (request) => readReport(deps, reports.reopenRate, request)),
  on(routes.received, (request) => readReport(deps, reports.received, request)),
  on(routes.firstResponse, (request) => readReport(deps, reports.firstResponse, request)),
  on(routes.breachCauses, (request) => readReport(deps, reports.breachCauses, request)),
  on(routes.articleUsage, (request) => readReport(deps, reports.articleUsage, request)),
  on(routes.articleGaps, (request) => readReport(deps, reports.articleGaps, request)),
  on(routes.timePerStage, (request) => readReport(deps, reports.timePerStage, request)),
  on(routes.rebuild, (request) => rebuildReports(deps, request)),
  on(routes.queueReview, (request) => reviewQueues(deps, request)),
).use(signIn(deps));
