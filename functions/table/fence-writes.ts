import type { Fence } from '../../domain/cases/case-file.ts';
import type { Fact } from '../../domain/facts/fact.ts';
import { teamIdOf } from '../../domain/people/owner.ts';
import { childLinkItem } from './case-items.ts';
import type { WriteCondition } from './expression.ts';
import { eventOf, type Recorded, record } from './fact-writes.ts';
import type { Ids } from './ids.ts';
import { caseKey, childLinkKey, familyKey, familyListIndexes, mergesKey, userKey } from './keys.ts';
import type { Transaction } from './transaction.ts';

/** Adds to a transaction that what a decision rested on besides its own case is still so, or changes by so much. */
export const writeFence = (
  transaction: Transaction,
  caseId: string,
  fence: Fence,
  options: Recorded,
  ids: Ids,
): void => {
  const family = familyKey('parentId' in fence ? fence.parentId : caseId);
  switch (fence.type) {
    case 'isActive':
      transaction.check(caseKey(caseId), { attribute: 'status', is: 'equal', value: 'active' });
      break;
    case 'isClosed':
      transaction.check(caseKey(caseId), { attribute: 'status', is: 'notEqual', value: 'active' });
      break;
    case 'isFollowedUp':
      transaction.update(caseKey(fence.previousId), {
        set: { followUpId: caseId },
        conditions: [
          { attribute: 'status', is: 'notEqual', value: 'active' },
          fence.instead
            ? { attribute: 'followUpId', is: 'equal', value: fence.instead }
            : { attribute: 'followUpId', is: 'absent' },
        ],
      });
      break;
    case 'isNotMerged':
      transaction.check(caseKey(caseId), { attribute: 'mergedInto', is: 'absent' });
      break;
    case 'noActiveChildren':
      transaction.check(family, { attribute: 'activeChildren', is: 'equalOrAbsent', value: 0 });
      break;
    case 'activeChildrenAre':
      transaction.check(family, {
        attribute: 'activeChildren',
        is: fence.count === 0 ? 'equalOrAbsent' : 'equal',
        value: fence.count,
      });
      break;
    case 'isNoParent':
      transaction.check(family, { attribute: 'childCount', is: 'equalOrAbsent', value: 0 });
      break;
    case 'hasNoFamily':
      transaction.check(caseKey(caseId), { attribute: 'hasFamily', is: 'absent' });
      break;
    case 'ownerIsThere':
      // Teams are not checked: a rule may give one team a thousand cases a second, and transactions that check the same
      // item make each other wait. A team is removed only when nothing names it, and hardly in that very moment.
      if (teamIdOf(fence.ownerId) === undefined) {
        transaction.check(userKey(fence.ownerId), { attribute: 'active', is: 'equal', value: true });
      }
      break;
    case 'mayWork':
      transaction.check(userKey(fence.userId), { attribute: 'active', is: 'equalOrAbsent', value: true });
      break;
    case 'childrenAre':
      transaction.check(family, {
        attribute: 'childCount',
        is: fence.count === 0 ? 'equalOrAbsent' : 'equal',
        value: fence.count,
      });
      break;
    case 'childrenReserved': {
      const { count, maxChildren } = fence;
      const room: WriteCondition[] =
        maxChildren === undefined
          ? []
          : [{ attribute: 'childCount', is: 'belowOrAbsent', value: maxChildren - count + 1 }];
      transaction.update(family, {
        set: { entity: 'family', caseId, ...familyListIndexes(caseId) },
        add: { childCount: count },
        conditions: room,
      });
      break;
    }
    case 'childrenReleased':
      transaction.update(family, { add: { childCount: -fence.count } });
      break;
    case 'movesUnderWay':
      transaction.update(mergesKey(caseId), { set: { entity: 'merges', caseId }, add: { moves: fence.by } });
      break;
    case 'childMoves': {
      const { from, to, childIsActive } = fence;
      const active = childIsActive ? 1 : 0;
      transaction.remove(childLinkKey(from.parentId, caseId));
      transaction.create(childLinkItem(to));
      transaction.update(familyKey(from.parentId), { add: { childCount: -1, activeChildren: -active } });
      transaction.update(familyKey(to.parentId), {
        set: { entity: 'family', caseId: to.parentId, ...familyListIndexes(to.parentId) },
        add: { activeChildren: active },
      });
      break;
    }
    case 'childCloses': {
      const { closed } = fence;
      transaction.update(family, {
        set: {
          ...(closed && { lastClosed: { childId: caseId, version: closed.version } }),
          ...(closed?.isResolved && { lastResolvedChildId: caseId }),
        },
        add: { activeChildren: -1 },
      });
      break;
    }
    case 'childLeaves': {
      transaction.update(family, { add: { childCount: -1, activeChildren: -1 } });
      transaction.remove(childLinkKey(fence.parentId, caseId));
      const left: Fact = { type: 'case.childDetached', occurredAt: options.now, childId: caseId };
      record(transaction, eventOf(fence.parentId, fence.parentVersion, left, options, ids), options);
      break;
    }
    case 'childOpens': {
      const { parentId, link, parentMustBeActive } = fence;
      const active: WriteCondition = { attribute: 'status', is: 'equal', value: 'active' };
      transaction.update(caseKey(parentId), {
        // Whoever makes the parent a child meanwhile asks for this mark, without a write for the parent's family.
        set: link && { hasFamily: true },
        conditions: [
          { attribute: 'caseId', is: 'present' },
          { attribute: 'parentId', is: 'absent' },
          { attribute: 'mergedInto', is: 'absent' },
          ...(parentMustBeActive ? [active] : []),
        ],
      });
      const room = link && link.maxChildren - (link.together ?? 1) + 1;
      transaction.update(family, {
        set: { entity: 'family', caseId: parentId, ...familyListIndexes(parentId) },
        add: { activeChildren: fence.childIsActive === false ? 0 : 1, childCount: link ? 1 : 0 },
        conditions: room === undefined ? [] : [{ attribute: 'childCount', is: 'belowOrAbsent', value: room }],
      });
      if (!link) break;
      transaction.create(childLinkItem({ parentId, childId: caseId, attachedOn: link.attachedOn }));
      if (link.together) break;
      const joined: Fact = { type: 'case.childAttached', occurredAt: options.now, childId: caseId };
      record(transaction, eventOf(parentId, fence.parentVersion, joined, options, ids), options);
      break;
    }
  }
};
