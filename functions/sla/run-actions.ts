import type { CaseChange, CaseFile } from '../../domain/cases/case-file.ts';
import type { CaseEvent, Fact } from '../../domain/facts/fact.ts';
import { routeCase } from '../../domain/routing/route-case.ts';
import type { Action } from '../../domain/sla/action.ts';
import { flowIdIn, isOfFlow, type KpiInstance } from '../../domain/sla/kpi-instance.ts';
import { actionsOfWarning } from '../../domain/sla/sla.ts';
import type { Instant } from '../../domain/time.ts';
import { retryingLostRaces } from '../lost-races.ts';
import { NotYetVisible, unlessBusy } from '../reactions/faults.ts';
import type { Services } from '../services.ts';
import { actionKey } from '../table/keys.ts';
import { LostRace } from '../table/table.ts';

type ActionServices = Pick<Services, 'cases' | 'settings' | 'now' | 'backOff'>;
type AlarmFact = Extract<Fact, { type: 'sla.warning' | 'sla.breached' | 'sla.succeeded' }>;

/**
 * Carries out what an SLA asks when a clock warns, is breached or is met in time: each action once an event, however often the event
 * comes, because the action's change and its mark are one transaction.
 */
export const runActions = async (services: ActionServices, event: CaseEvent, fact: AlarmFact): Promise<void> => {
  const file = await services.cases.load(event.caseId);
  const instance = file?.kpis.find(({ kpi, generation }) => kpi === fact.kpi && generation === fact.generation);
  if (!file || !instance?.[stampOf[fact.type]]) throw new NotYetVisible(`${fact.kpi} of ${event.caseId}`);
  if (fact.type === 'sla.succeeded' && fact.late) return;
  const actions = await actionsAfter(services, instance, fact);
  for (const [n, action] of actions.entries()) await runOnce(services, event, fact, instance, n, action);
};

/** What its SLA, or its stage, asks for, in the version that the clock was born with. */
const actionsAfter = async (
  { settings }: ActionServices,
  { slaId, slaVersion, itemId }: KpiInstance,
  fact: AlarmFact,
): Promise<readonly Action[]> => {
  const alarm = actionsOf[fact.type];
  if (isOfFlow({ slaId })) {
    const flow = await settings.processFlows.version(flowIdIn(slaId), slaVersion);
    return flow?.document.stages.find(({ id }) => id === itemId)?.actions?.[alarm] ?? [];
  }
  const sla = await settings.slas.version(slaId, slaVersion);
  const item = sla?.document.items.find(({ id }) => id === itemId);
  const own = item && fact.type === 'sla.warning' && fact.warning !== undefined;
  return [...(item?.actions?.[alarm] ?? []), ...(own ? actionsOfWarning(item, fact.warning ?? 0) : [])];
};

/** What the clock bears once it has happened, where the SLA says what is to follow, and what the fact calls it. */
const stampOf = { 'sla.warning': 'warnedAt', 'sla.breached': 'breachedAt', 'sla.succeeded': 'succeededAt' } as const;
const actionsOf = { 'sla.warning': 'warn', 'sla.breached': 'breach', 'sla.succeeded': 'success' } as const;
const alarmOf = { 'sla.warning': 'warning', 'sla.breached': 'breach', 'sla.succeeded': 'success' } as const;

const runOnce = async (
  services: ActionServices,
  event: CaseEvent,
  fact: AlarmFact,
  { epoch }: KpiInstance,
  n: number,
  action: Action,
): Promise<void> => {
  const { caseId, eventId } = event;
  const mark = actionKey(caseId, eventId, n);
  unlessBusy(
    await retryingLostRaces(services, async () => {
      const file = await services.cases.load(caseId);
      if (!file) return;
      const now = services.now();
      try {
        await services.cases.commit([await effectOf(services, file, { ...fact, epoch }, action, now)], {
          now,
          actor: 'system',
          cause: `sla:${fact.kpi}`,
          correlationId: event.correlationId,
          also: (transaction) => transaction.create({ ...mark, entity: 'action', caseId, eventId, ranOn: now }),
        });
      } catch (error) {
        if (!(error instanceof LostRace && error.on(mark))) throw error;
      }
    }),
  );
};

const effectOf = async (
  { settings }: ActionServices,
  file: CaseFile,
  fact: AlarmFact,
  action: Action,
  now: Instant,
): Promise<CaseChange> => {
  const { kpi, generation, epoch } = fact;
  const alarm = alarmOf[fact.type];
  const about = { occurredAt: now, kpi, generation, epoch, alarm };
  const only = (happened: Fact): CaseChange => ({ before: file, after: file, facts: [happened] });
  switch (action.type) {
    case 'notify': {
      const recipients = await recipientsOf(settings, file, action.to);
      return only({ type: 'sla.notified', ...about, to: action.to, recipients });
    }
    case 'routeToQueue': {
      const because = `${alarm} of ${kpi}`;
      const queue = await settings.queues.find(action.queueId);
      const decision = queue && routeCase(file, { queueId: action.queueId, because }, now);
      if (decision?.accepted) return decision.value;
      const why = decision?.detail ?? `there is no queue ${action.queueId}`;
      return only({ type: 'sla.actionFailed', ...about, action: action.type, because: why });
    }
  }
};

/** Who is to be told: ids that the subscriber of the event bus turns into people. */
const recipientsOf = async (settings: Services['settings'], file: CaseFile, to: string): Promise<string[]> => {
  const { ownerId } = file.case;
  const queueId = file.placement?.state === 'queued' ? file.placement.queueId : undefined;
  switch (to) {
    case 'owner':
      return ownerId ? [ownerId] : [];
    case 'team':
      return ownerId?.startsWith('team:') ? [ownerId] : [];
    case 'queue': {
      const queue = queueId ? await settings.queues.find(queueId) : undefined;
      const { ownerId: queueOwner, members = [] } = queue?.document ?? {};
      return [...new Set([...(queueOwner ? [queueOwner] : []), ...members])];
    }
    case 'supervisors':
      return ['group:supervisor'];
    default:
      return [to];
  }
};
