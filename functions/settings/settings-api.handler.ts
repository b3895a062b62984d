import { api, on } from '../api/api.ts';
import { deleteCustomField, putCustomField } from '../custom-fields/change-custom-fields.ts';
import { customFieldRoutes } from '../custom-fields/custom-fields.routes.ts';
import { functionEnv, readEnv } from '../env.ts';
import { logger } from '../logger.ts';
import { integrationRoutes } from '../people/integrations.routes.ts';
import { signIn } from '../people/sign-in.ts';
import { deleteFlow, putFlow } from '../process/change-flows.ts';
import { processFlowRoutes } from '../process/process.routes.ts';
import { dryRunRules } from '../routing/dry-run.ts';
import { services } from '../services.ts';
import { getRecomputation, recomputeCalendar } from '../sla/ask-to-recompute.ts';
import { dryRunSla } from '../sla/dry-run.ts';
import { deleteReason, getTransitions, putReason, putTransitions } from '../statuses/change-statuses.ts';
import { dryRun } from '../statuses/dry-run.ts';
import { statusRoutes } from '../statuses/statuses.routes.ts';
import { unusedReasons } from '../statuses/unused-reasons.ts';
import {
  deleteCaseTemplate,
  getCaseTemplate,
  listCaseTemplates,
  putCaseTemplate,
  runCaseTemplate,
} from '../templates/case-templates.ts';
import { templateRoutes } from '../templates/templates.routes.ts';
import { deleteCalendar, deleteHolidayList, putCalendar, putHolidayList } from './calendars.ts';
import { activateRuleSet, deleteRuleSet, getCaseSettings, putCaseSettings, putRuleSet } from './change-settings.ts';
import { deleteSetting, getSetting, listSettings, putSetting } from './documents.ts';
import { deleteProduct, putProduct } from './products.ts';
import { settingRoutes as routes } from './settings.routes.ts';
import { deleteSla, putSla } from './slas.ts';
import { deleteSubject, putSubject } from './subjects.ts';

const deps = services(readEnv(functionEnv.settingsApi).TABLE_NAME);
const { settings } = deps;
const { statusReasons, customFields, processFlows, subjects, products, ruleSets, slas, calendars } = settings;
const { holidayLists, integrations } = settings;

export const handler = api(
  logger,
  on(routes.getCaseSettings, (request) => getCaseSettings(deps, request)),
  on(routes.putCaseSettings, (request) => putCaseSettings(deps, request)),
  on(statusRoutes.listReasons, (request) => listSettings(statusReasons, request)),
  on(statusRoutes.unusedReasons, (request) => unusedReasons(deps, request)),
  on(statusRoutes.getReason, (request) => getSetting(statusReasons, request)),
  on(statusRoutes.putReason, (request) => putReason(deps, request)),
  on(statusRoutes.deleteReason, (request) => deleteReason(deps, request)),
  on(statusRoutes.getTransitions, () => getTransitions(deps)),
  on(statusRoutes.putTransitions, (request) => putTransitions(deps, request)),
  on(statusRoutes.dryRunTransitions, (request) => dryRun(deps, request)),
  on(integrationRoutes.list, (request) => listSettings(integrations, request)),
  on(integrationRoutes.get, (request) => getSetting(integrations, request)),
  on(integrationRoutes.put, (request) => putSetting(deps, integrations, request)),
  on(integrationRoutes.delete, (request) => deleteSetting(deps, integrations, request, async () => undefined)),
  on(customFieldRoutes.list, (request) => listSettings(customFields, request)),
  on(customFieldRoutes.get, (request) => getSetting(customFields, request)),
  on(customFieldRoutes.put, (request) => putCustomField(deps, request)),
  on(customFieldRoutes.delete, (request) => deleteCustomField(deps, request)),
  on(processFlowRoutes.list, (request) => listSettings(processFlows, request)),
  on(processFlowRoutes.get, (request) => getSetting(processFlows, request)),
  on(processFlowRoutes.put, (request) => putFlow(deps, request)),
  on(processFlowRoutes.delete, (request) => deleteFlow(deps, request)),
  on(routes.listProducts, (request) => listSettings(products, request)),
  on(routes.getProduct, (request) => getSetting(products, request)),
  on(routes.putProduct, (request) => putProduct(deps, request)),
  on(routes.deleteProduct, (request) => deleteProduct(deps, request)),
  on(routes.listSubjects, (request) => listSettings(subjects, request)),
  on(routes.getSubject, (request) => getSetting(subjects, request)),
  on(routes.putSubject, (request) => putSubject(deps, request)),
  on(routes.deleteSubject, (request) => deleteSubject(deps, request)),
  on(templateRoutes.list, (request) => listCaseTemplates(deps, request)),
  on(templateRoutes.get, (request) => getCaseTemplate(deps, request)),
  on(templateRoutes.put, (request) => putCaseTemplate(deps, request)),
  on(templateRoutes.delete, (request) => deleteCaseTemplate(deps, request)),
  on(templateRoutes.run, (request) => runCaseTemplate(deps, request)),
  on(routes.listRuleSets, (request) => listSettings(ruleSets, request)),
  on(routes.getRuleSet, (request) => getSetting(ruleSets, request)),
  on(routes.putRuleSet, (request) => putRuleSet(deps, request)),
  on(routes.activateRuleSet, (request) => activateRuleSet(deps, request)),
  on(routes.dryRunRuleSet, (request) => dryRunRules(deps, request)),
  on(routes.deleteRuleSet, (request) => deleteRuleSet(deps, request)),
  on(routes.listSlas, (request) => listSettings(slas, request)),
  on(routes.getSla, (request) => getSetting(slas, request)),
  on(routes.putSla, (request) => putSla(deps, request)),
  on(routes.dryRunSla, (request) => dryRunSla(deps, request)),
  on(routes.deleteSla, (request) => deleteSla(deps, request)),
  on(routes.listCalendars, (request) => listSettings(calendars, request)),
  on(routes.getCalendar, (request) => getSetting(calendars, request)),
  on(routes.putCalendar, (request) => putCalendar(deps, request)),
  on(routes.deleteCalendar, (request) => deleteCalendar(deps, request)),
  on(routes.recomputeCalendar, (request) => recomputeCalendar(deps, request)),
  on(routes.getRecomputation, (request) => getRecomputation(deps, request)),
  on(routes.listHolidayLists, (request) => listSettings(holidayLists, request)),
  on(routes.getHolidayList, (request) => getSetting(holidayLists, request)),
  on(routes.putHolidayList, (request) => putHolidayList(deps, request)),
  on(routes.deleteHolidayList, (request) => deleteHolidayList(deps, request)),
).use(signIn(deps));
