import type { CaseEvent, Fact } from '../../domain/facts/fact.ts';
import { CHILDREN_CAUSE, closeAfterChildren } from '../../domain/hierarchy/close-after-children.ts';
import { Family } from '../../domain/hierarchy/family.ts';
import { accept, type Decision } from '../../domain/refusal.ts';
import { withClocksFollowing } from '../../domain/sla/followed-change.ts';
import { rulesOfCase } from '../cases/rules-of-case.ts';
import { retryingLostRaces } from '../lost-races.ts';
import { unlessBusy } from '../reactions/faults.ts';
import type { Services } from '../services.ts';
import { actionKey, caseKey, familyKey } from '../table/keys.ts';
import { LostRace } from '../table/table.ts';

type CloseParentServices = Pick<Services, 'customers' | 'table' | 'cases' | 'settings' | 'now' | 'backOff'>;
type ClosedFact = Extract<Fact, { type: 'case.resolved' | 'case.cancelled' }>;

/**
 * Resolves a parent whose last active child has just been closed, where the settings say so. Of two children that are
 * closed at once the second to commit is the last one, and a child that is opened meanwhile keeps the parent open: the
 * commit holds only while no child is active. Only the last closing counts, and once, however late and often it is told.
 */
export const closeParent = async (services: CloseParentServices, event: CaseEvent, fact: ClosedFact): Promise<void> => {
  const { parentId, cascadeId } = fact;
  // The children of a cascade follow their parent.
  if (!parentId || cascadeId) return;
  if (!(await services.settings.rulesFor(await services.settings.head(), undefined)).caseSettings.autoCloseParent)
    return;
  // The parent's counter changed in the transaction that closed the child; read apart from the child, it might be the old one.
  const [, item] = await services.table.together([caseKey(event.caseId), familyKey(parentId)]);
  const family = item && Family.parse(item);
  const isLast = family?.lastClosed?.childId === event.caseId && family.lastClosed.version === event.caseVersion;
  if (!isLast || family.activeChildren > 0) return;
  const mark = actionKey(parentId, event.eventId, 0);
  unlessBusy(
    await retryingLostRaces(services, async (): Promise<Decision<undefined>> => {
      const [head, parent] = await Promise.all([services.settings.head(), services.cases.load(parentId)]);
      if (!parent) return accept(undefined);
      const lastId = parent.family.lastResolvedChildId;
      const lastResolved = lastId ? (await services.cases.load(lastId))?.case : undefined;
      const rules = await rulesOfCase(services, head, parent);
      const now = services.now();
      const closed = { childId: event.caseId, by: event.actor, lastResolved };
      const decision = closeAfterChildren(parent, closed, rules, now);
      if (!decision?.accepted) return decision ?? accept(undefined);
      try {
        await services.cases.commit([withClocksFollowing(decision.value, rules, now)], {
          now,
          actor: event.actor,
          cause: CHILDREN_CAUSE,
          correlationId: event.correlationId,
          also: (transaction) =>
            transaction.create({ ...mark, entity: 'action', caseId: parentId, eventId: event.eventId, ranOn: now }),
        });
      } catch (error) {
        if (!(error instanceof LostRace && error.on(mark))) throw error;
      }
      return accept(undefined);
    }),
  );
};
