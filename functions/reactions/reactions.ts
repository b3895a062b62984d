import type { CaseEvent, Fact, FactType } from '../../domain/facts/fact.ts';
import { advanceBroadcast } from '../broadcast/advance-broadcast.ts';
import { advanceCascade } from '../cascade/advance-cascade.ts';
import { armHold } from '../cases/end-hold.ts';
import { continueFollowing } from '../customers/follow-cases.ts';
import { continueErasure } from '../erasure/advance-erasure.ts';
import type { FileStore } from '../files/file-store.ts';
import { closeParent } from '../hierarchy/close-parent.ts';
import { advanceMove } from '../merge/advance-move.ts';
import { continueHandOver } from '../people/hand-over.ts';
import { routeNewCase } from '../routing/route-new-case.ts';
import type { Services } from '../services.ts';
import { armTimer, disarmTimer, pauseTimer, rearmTimer } from '../sla/arm-timer.ts';
import { continueRecomputation } from '../sla/recompute-calendar.ts';
import { runActions } from '../sla/run-actions.ts';
import type { Timers } from '../sla/timers.ts';
import { noteReasonUse } from '../statuses/note-reason-use.ts';

export type ReactionServices = Services & { timers: Timers; files: Pick<FileStore, 'remove'> };

/** What follows from a fact. It may run more than once and in any order: it looks at what is so now, and acts once. */
export interface Reaction<Type extends FactType> {
  name: string;
  react: (services: ReactionServices, event: CaseEvent, fact: Extract<Fact, { type: Type }>) => Promise<void>;
}

const startMove = (services: ReactionServices, { caseId }: CaseEvent, { moveId }: { moveId: string }): Promise<void> =>
  advanceMove(services, { caseId, moveId, position: 0 });

/** From each type of fact to what follows from it. Each is parked on its own: one that cannot go on keeps no other. */
export const reactions: { [Type in FactType]?: readonly Reaction<Type>[] } = {
  'case.created': [{ name: 'route', react: routeNewCase }],
  'case.released': [{ name: 'handOver', react: continueHandOver }],
  'case.erased': [{ name: 'erasure', react: continueErasure }],
  'case.customerChanged': [{ name: 'following', react: continueFollowing }],
  'case.updated': [
    { name: 'reasonUse', react: noteReasonUse },
    { name: 'hold', react: armHold },
  ],
  'case.resolved': [
    { name: 'reasonUse', react: noteReasonUse },
    { name: 'closeParent', react: closeParent },
  ],
  'case.cancelled': [
    { name: 'reasonUse', react: noteReasonUse },
    { name: 'closeParent', react: closeParent },
  ],
  'case.cascadeStarted': [
    {
      name: 'cascade',
      react: (services, { caseId: parentId }, { cascadeId }) =>
        advanceCascade(services, { parentId, cascadeId, round: 1 }),
    },
  ],
  'case.cascadeResumed': [
    {
      name: 'cascade',
      react: (services, { caseId: parentId }, { cascadeId, round }) =>
        advanceCascade(services, { parentId, cascadeId, round }),
    },
  ],
  'case.cascadeAdvanced': [
    {
      name: 'cascade',
      react: (services, { caseId: parentId }, { cascadeId, round, cursor }) =>
        advanceCascade(services, { parentId, cascadeId, round, cursor }),
    },
  ],
  'case.broadcastStarted': [
    {
      name: 'broadcast',
      react: (services, { caseId }, { broadcastId }) => advanceBroadcast(services, { caseId, broadcastId }),
    },
  ],
  'case.broadcastAdvanced': [
    {
      name: 'broadcast',
      react: (services, { caseId }, { broadcastId, cursor }) =>
        advanceBroadcast(services, { caseId, broadcastId, cursor }),
    },
  ],
  'case.merged': [{ name: 'move', react: startMove }],
  'case.unmerged': [{ name: 'move', react: startMove }],
  'case.moveAdvanced': [
    {
      name: 'move',
      react: (services, { caseId }, { moveId, position }) => advanceMove(services, { caseId, moveId, position }),
    },
  ],
  'sla.started': [{ name: 'arm', react: armTimer }],
  'sla.resumed': [{ name: 'arm', react: armTimer }],
  'sla.paused': [{ name: 'disarm', react: pauseTimer }],
  'sla.recomputed': [
    { name: 'arm', react: rearmTimer },
    { name: 'recomputation', react: continueRecomputation },
  ],
  'sla.succeeded': [
    { name: 'disarm', react: disarmTimer },
    { name: 'actions', react: runActions },
  ],
  'sla.cancelled': [{ name: 'disarm', react: disarmTimer }],
  'sla.warning': [{ name: 'actions', react: runActions }],
  'sla.breached': [{ name: 'actions', react: runActions }],
};

/** A reaction to one event, ready to run. */
export interface Due {
  name: string;
  run: () => Promise<void>;
}

/** The reactions to an event, in order; none when nothing follows from it. */
export const reactionsTo = (services: ReactionServices, event: CaseEvent): Due[] =>
  reactTo(services, event, event.fact);

const reactTo = <Type extends FactType>(
  services: ReactionServices,
  event: CaseEvent,
  fact: Extract<Fact, { type: Type }> & { type: Type },
): Due[] => {
  const found: readonly Reaction<Type>[] = reactions[fact.type] ?? [];
  return found.map(({ name, react }) => ({ name, run: () => react(services, event, fact) }));
};
