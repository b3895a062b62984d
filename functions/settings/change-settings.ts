import { pathOf } from '../../domain/custom-fields/values.ts';
import { teamIdOf } from '../../domain/people/owner.ts';
import { accept, invalid } from '../../domain/refusal.ts';
import type { RoutingRuleSet } from '../../domain/routing/rule-set.ts';
import { type CaseSettings, INHERITABLE_FIELDS, isPlainField } from '../../domain/settings/case-settings.ts';
import { THE_CASE_SETTINGS } from '../../domain/settings/kinds.ts';
import type { Outcome, Request } from '../api/api.ts';
import { idempotently } from '../idempotently.ts';
import { answerItem } from '../table/idempotency.ts';
import { Transaction } from '../table/transaction.ts';
import { deleteSetting, getSetting, putSetting, type SettingServices } from './documents.ts';

type IdRequest<Body = unknown> = Request<{ id: string }, unknown, Body>;
const theCaseSettings = { params: { id: THE_CASE_SETTINGS } };
const withFields = async ({ settings }: SettingServices, outcome: Outcome): Promise<Outcome> => {
  if (!outcome.accepted) return outcome;
  const enabled = (await settings.customFields.all()).filter(({ document }) => document.enabled);
  const availableFields = [...INHERITABLE_FIELDS, ...enabled.map(({ id }) => pathOf(id)).sort()];
  return { ...outcome, body: Object.assign({}, outcome.body, { availableFields }) };
};

/** Reads the settings about cases as a whole. */
export const getCaseSettings = async (
  services: SettingServices,
  request: Request<unknown, unknown, unknown>,
): Promise<Outcome> =>
  withFields(services, await getSetting(services.settings.caseSettings, { ...request, ...theCaseSettings }));

/** Replaces the settings about cases as a whole. */
export const putCaseSettings = async (
  services: SettingServices,
  request: Request<unknown, unknown, CaseSettings>,
): Promise<Outcome> =>
  withFields(
    services,
    await putSetting(
      services,
      services.settings.caseSettings,
      { ...request, ...theCaseSettings },
      async (_id, { inheritedFields }, transaction) => {
        const { settings } = services;
        const head = await settings.head();
        const known = await settings.customFields.all(head);
        const unknown = inheritedFields
          .filter((field) => !isPlainField(field))
          .find((field) => !known.some(({ id }) => pathOf(id) === field));
        settings.unchanged(transaction, head, [settings.customFields]);
        return unknown ? invalid('inheritedFields', `there is no ${unknown}`) : accept(inheritedFields);
      },
    ),
  );

/** Creates or replaces a rule set. */
export const putRuleSet = (services: SettingServices, request: IdRequest<RoutingRuleSet>): Promise<Outcome> =>
  putSetting(services, services.settings.ruleSets, request, async (_id, { rules, defaultQueueId }) => {
    const { queues, teams } = services.settings;
    if (!(await queues.find(defaultQueueId))) return invalid('defaultQueueId', `there is no queue ${defaultQueueId}`);
    for (const [n, rule] of rules.entries()) {
      const teamId = 'ownerId' in rule ? teamIdOf(rule.ownerId) : undefined;
      if (teamId && !(await teams.find(teamId))) return invalid(`rules.${n}.ownerId`, `there is no team ${teamId}`);
      if ('queueId' in rule && !(await queues.find(rule.queueId))) {
        return invalid(`rules.${n}.queueId`, `there is no queue ${rule.queueId}`);
      }
    }
    return accept(rules);
  });

/** Makes a rule set the active one, in place of the one that was. */
export const activateRuleSet = (services: SettingServices, request: IdRequest): Promise<Outcome> =>
  idempotently(services, request.idempotent, async () => {
    const { settings, table, now } = services;
    const outcome = await getSetting(settings.ruleSets, request);
    if (!outcome.accepted) return outcome;
    const transaction = new Transaction();
    settings.activate(transaction, request.params.id);
    if (request.idempotent) transaction.create(answerItem(request.idempotent, 200, outcome.body, now()));
    await table.transact(transaction);
    return outcome;
  });

/** Removes a rule set that is not active. */
export const deleteRuleSet = (services: SettingServices, request: IdRequest): Promise<Outcome> =>
  deleteSetting(services, services.settings.ruleSets, request, async (id) => {
    const { activeRuleSetId } = await services.settings.head();
    return activeRuleSetId === id ? `${id} is the active rule set` : undefined;
  });
