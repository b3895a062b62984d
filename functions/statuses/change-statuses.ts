import {
  isBuiltIn,
  type StatusModel,
  type StatusReason,
  statusModelOf,
  type Transitions,
} from '../../domain/cases/status-reasons.ts';
import { type Decision, refuse } from '../../domain/refusal.ts';
import { type SettingsHead, THE_TRANSITIONS } from '../../domain/settings/kinds.ts';
import { type StatusSettings, saveReason, whyNotDisabled } from '../../domain/statuses/save-reason.ts';
import { saveTransitions } from '../../domain/statuses/save-transitions.ts';
import type { Outcome, Request } from '../api/api.ts';
import type { Services } from '../services.ts';
import { deleteSetting, putSetting, type SettingServices, viewSetting } from '../settings/documents.ts';
import type { Transaction } from '../table/transaction.ts';

type StatusServices = SettingServices & Pick<Services, 'reasons'>;
type IdRequest<Body = unknown> = Request<{ id: string }, unknown, Body>;

/**
 * The reasons and the drawn graph as of now. Reasons are checked against the graph and the graph against the reasons, so
 * the transaction holds that neither has changed since.
 */
const statusSettings = async (
  { settings }: SettingServices,
  transaction: Transaction,
): Promise<StatusSettings & { head: SettingsHead }> => {
  const head = await settings.head();
  const [reasons, drawn] = await Promise.all([
    settings.statusReasons.all(head),
    settings.transitions.find(THE_TRANSITIONS, head),
  ]);
  settings.unchanged(transaction, head, [settings.statusReasons, settings.transitions]);
  return {
    head,
    reasons: Object.fromEntries(reasons.map(({ id, document }) => [id, document])),
    ...(drawn && { drawn: drawn.document }),
  };
};

/** Adds to an accepted answer what the decision warned of. */
const withWarnings = async (
  put: (warn: (decision: Decision<string[]>) => Decision<string[]>) => Promise<Outcome>,
): Promise<Outcome> => {
  let warnings: string[] = [];
  const outcome = await put((decision) => {
    if (decision.accepted) warnings = decision.value;
    return decision;
  });
  return outcome.accepted ? { ...outcome, body: Object.assign({}, outcome.body, { warnings }) } : outcome;
};

/** Creates or replaces a status reason. */
export const putReason = (services: StatusServices, request: IdRequest<StatusReason>): Promise<Outcome> =>
  withWarnings((warn) =>
    putSetting(services, services.settings.statusReasons, request, async (id, reason, transaction) => {
      const present = await statusSettings(services, transaction);
      if (!Object.hasOwn(present.reasons, id)) {
        const { version } = await services.settings.statusReasons.latest(id);
        if (version > 0) services.reasons.reopen(transaction, id);
      }
      return warn(saveReason(id, reason, present));
    }),
  );

/** Removes a status reason in which no case stands and which nothing names. */
export const deleteReason = async (services: StatusServices, request: IdRequest): Promise<Outcome> => {
  const { id } = request.params;
  if (isBuiltIn(id)) return refuse('IN_USE', `${id} is built in: it can be disabled, not deleted`);
  return deleteSetting(services, services.settings.statusReasons, request, async (_id, transaction) => {
    const { reasons, drawn } = await statusSettings(services, transaction);
    const reason = reasons[id];
    if (drawn && [...Object.keys(drawn.allow), ...Object.values(drawn.allow).flat()].includes(id)) {
      return 'The transition graph names it';
    }
    const refusal = reason && whyNotDisabled(id, reason.status, statusModelOf(reasons, drawn));
    if (refusal) return refusal.detail;
    const cases = await services.reasons.casesIn(id);
    if (cases > 0) return `${cases} cases stand in it`;
    services.reasons.close(transaction, id);
    return undefined;
  });
};

const present = ({ transitions }: StatusModel): Transitions => ({
  enabled: transitions.enabled,
  allow: Object.fromEntries(Object.entries(transitions.allow).map(([from, to]) => [from, [...to]])),
});

/** The graph as it holds: the organisation's own, or the rule for the reasons that there are. */
export const getTransitions = async ({ settings }: SettingServices): Promise<Outcome> => {
  const head = await settings.head();
  const [model, drawn] = await Promise.all([
    settings.statusModel(head),
    settings.transitions.find(THE_TRANSITIONS, head),
  ]);
  return {
    accepted: true,
    body: viewSetting(drawn ?? { id: THE_TRANSITIONS, version: 0, document: present(model) }),
  };
};

/** Replaces the transition graph. */
export const putTransitions = (
  services: SettingServices,
  request: Request<unknown, unknown, Transitions>,
): Promise<Outcome> =>
  withWarnings((warn) =>
    putSetting(
      services,
      services.settings.transitions,
      { ...request, params: { id: THE_TRANSITIONS } },
      async (_id, drawn, transaction) => {
        const { reasons } = await statusSettings(services, transaction);
        return warn(saveTransitions(drawn, reasons));
      },
    ),
  );
