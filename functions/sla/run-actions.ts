import type { CaseEvent, Fact } from '../../domain/facts/fact.ts';
import type { Action } from '../../domain/sla/action.ts';
import { flowIdIn, isOfFlow, type KpiInstance, promiseOf } from '../../domain/sla/kpi-instance.ts';
import { actionsOfWarning } from '../../domain/sla/sla.ts';
import { givenBy } from '../../domain/sla/warnings.ts';
import type { CommandServices } from '../cases/command.ts';
import { rulesOfCase } from '../cases/rules-of-case.ts';
import { retryingLostRaces } from '../lost-races.ts';
import { NotYetVisible, unlessBusy } from '../reactions/faults.ts';
import { type ActionMark, alarmActionKey } from '../table/keys.ts';
import { LostRace } from '../table/table.ts';
import type { Transaction } from '../table/transaction.ts';
import { type Cause, effectOf } from './effects.ts';

type AlarmFact = Extract<Fact, { type: 'sla.warning' | 'sla.breached' | 'sla.succeeded' }>;

/**
 * Carries out what an SLA asks when a clock warns, is breached or is met in time. Each action is done once a promise,
 * however often its event comes, because its change and its mark are one transaction; and however often the clock is
 * replaced meanwhile, so that actions which change what the case is promised never set each other off for ever.
 */
export const runActions = async (services: CommandServices, event: CaseEvent, fact: AlarmFact): Promise<void> => {
  const instance = await services.cases.kpi(event.caseId, fact.kpi, fact.generation);
  if (!instance || !hasHappened(instance, fact)) throw new NotYetVisible(`${fact.kpi} of ${event.caseId}`);
  if (fact.type === 'sla.succeeded' && fact.late) return;
  const { kpi, slaId, slaVersion, itemId, epoch, generation } = instance;
  const [alarm] = ALARMS[fact.type];
  const which = fact.type === 'sla.warning' ? fact.warning : undefined;
  const mark = { kpi, promise: promiseOf(instance), slaId, slaVersion, itemId, alarm: `${alarm}${which ?? ''}` };
  for (const [n, action] of (await actionsAfter(services, instance, fact)).entries()) {
    await runOnce(services, event, { kpi, generation, epoch, alarm }, { ...mark, n }, action);
  }
};

/** What its SLA, or its stage, asks for, in the version that the clock was born with. */
const actionsAfter = async (
  { settings }: Pick<CommandServices, 'settings'>,
  { slaId, slaVersion, itemId }: KpiInstance,
  fact: AlarmFact,
): Promise<readonly Action[]> => {
  const [, list] = ALARMS[fact.type];
  if (isOfFlow({ slaId })) {
    const flow = await settings.processFlows.version(flowIdIn(slaId), slaVersion);
    return flow?.document.stages.find(({ id }) => id === itemId)?.actions?.[list] ?? [];
  }
  const sla = await settings.slas.version(slaId, slaVersion);
  const item = sla?.document.items.find(({ id }) => id === itemId);
  const own = item && fact.type === 'sla.warning' && fact.warning !== undefined;
  return [...(item?.actions?.[list] ?? []), ...(own ? actionsOfWarning(item, fact.warning ?? 0) : [])];
};

/** What an alarm is called where it is told, and where the SLA says what is to follow. */
const ALARMS = {
  'sla.warning': ['warning', 'warn'],
  'sla.breached': ['breach', 'breach'],
  'sla.succeeded': ['success', 'success'],
} as const;

/** Whether the clock that was read bears already what the event tells of it. */
const hasHappened = (instance: KpiInstance, fact: AlarmFact): boolean => {
  switch (fact.type) {
    case 'sla.warning':
      return givenBy(instance) > (fact.warning ?? 0);
    case 'sla.breached':
      return instance.breachedAt !== undefined;
    case 'sla.succeeded':
      return instance.succeededAt !== undefined;
  }
};

const runOnce = async (
  services: CommandServices,
  { caseId, eventId, correlationId }: CaseEvent,
  cause: Cause,
  mark: ActionMark,
  action: Action,
): Promise<void> => {
  const key = alarmActionKey(caseId, mark);
  unlessBusy(
    await retryingLostRaces(services, async () => {
      const [head, file] = await Promise.all([services.settings.head(), services.cases.load(caseId)]);
      if (!file) return;
      const now = services.now();
      const writes: ((transaction: Transaction) => void)[] = [];
      const rules = await rulesOfCase(services, head, file);
      const loaded = { file, rules, now, head, also: (write: (typeof writes)[number]) => writes.push(write) };
      const change = await effectOf(services, loaded, action, cause, eventId);
      try {
        await services.cases.commit([change], {
          now,
          actor: 'system',
          cause: `sla:${cause.kpi}`,
          correlationId,
          also: (transaction) => {
            for (const write of writes) write(transaction);
            transaction.create({ ...key, entity: 'action', caseId, eventId, ranOn: now });
          },
        });
      } catch (error) {
        if (!(error instanceof LostRace && error.on(key))) throw error;
      }
    }),
  );
};
