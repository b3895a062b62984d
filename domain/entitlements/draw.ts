import type { Case } from '../cases/case.ts';
import type { CaseChange, CaseFile } from '../cases/case-file.ts';
import { MERGED } from '../cases/status-reasons.ts';
import type { Fact } from '../facts/fact.ts';
import { type Refusal, refuse } from '../refusal.ts';
import type { Instant } from '../time.ts';
import { type Entitlement, type MovementKind, type Moving, moved, remaining, remainingOf } from './entitlement.ts';

/** A movement of a balance that a case's change brings with it, and the entitlement as it was before. */
export interface Draw {
  readonly entitlement: Entitlement;
  readonly movement: Moving;
}

/**
 * What a case takes of its entitlement as it stands. On creation it takes one case until it is cancelled; on
 * resolution one case, or its billable minutes, until it is worked on again.
 */
export const takenBy = (subject: Case, { allotment, decrementOn }: Entitlement): number => {
  if (subject.doNotDecrement || subject.status === 'cancelled') return 0;
  if (decrementOn === 'onCreate') return 1;
  if (subject.status !== 'resolved') return 0;
  return allotment === 'hours' ? subject.resolution.billableMinutes : 1;
};

/**
 * Adds to a change of a case what it means for the balance of its entitlement. What the case holds is kept on it, so
 * that it gives back exactly what it took, whatever the terms have become meanwhile. Whoever opens, closes or reopens a
 * case, or gives it another entitlement, channel or exemption, passes the change through here; merging is a
 * cancellation. It never refuses: `whyExhausted` tells whether the change may be made.
 */
export const withDraws = (change: CaseChange, now: Instant): CaseChange => {
  const { before, after } = change;
  const was = held(before);
  const will = { ...held(after), amount: 0 };
  if (will.entitlement) will.amount = takenBy(after.case, will.entitlement);
  if (!was.entitlement && !will.entitlement) return change;
  const isSame = was.entitlement?.entitlementId === will.entitlement?.entitlementId;
  if (isSame && was.origin === will.origin && was.amount === will.amount) return change;

  const about = { caseId: after.case.caseId, caseNumber: after.case.caseNumber };
  const draws: Draw[] = [];
  let present = will.entitlement;
  const draw = (entitlement: Entitlement, movement: Omit<Moving, keyof typeof about>): Entitlement => {
    if (movement.amount === 0) return entitlement;
    draws.push({ entitlement, movement: { ...movement, ...about } });
    return moved(entitlement, movement);
  };
  if (isSame && was.origin === will.origin) {
    present = present && draw(present, { kind: kindOf(change), amount: was.amount - will.amount, origin: will.origin });
  } else {
    if (was.entitlement) {
      const kind = isSame ? 'changed' : 'dissociated';
      const given = draw(was.entitlement, { kind, amount: was.amount, origin: was.origin });
      if (isSame) present = given;
    }
    const kind = isSame ? 'changed' : before ? 'associated' : 'created';
    present = present && draw(present, { kind, amount: -will.amount, origin: will.origin });
  }
  const { entitlementDrawn: _past, ...subject } = after.case;
  return {
    ...change,
    after: {
      ...after,
      case: { ...subject, ...(will.amount > 0 && { entitlementDrawn: will.amount }) },
      ...(present && { entitlement: present }),
    },
    draws: [...(change.draws ?? []), ...draws],
    facts: [...change.facts, ...exhaustions(draws, now)],
  };
};

/** A case came under an entitlement that was not loaded with it: deciding on would lose a movement. */
export class EntitlementNotLoaded extends Error {
  override name = 'EntitlementNotLoaded';
}

const held = (
  file: CaseFile | undefined,
): { entitlement: Entitlement | undefined; amount: number; origin: string | undefined } => {
  const { entitlementId, entitlementDrawn: amount = 0, origin } = file?.case ?? {};
  const entitlement = entitlementId === undefined ? undefined : file?.entitlement;
  if (entitlementId !== entitlement?.entitlementId) throw new EntitlementNotLoaded(`${entitlementId}`);
  return { entitlement, amount, origin };
};

const kindOf = ({ before, after }: CaseChange): MovementKind => {
  const { status, statusReason } = after.case;
  if (!before) return 'created';
  if (before.case.status === status) return 'changed';
  if (status === 'active') return 'reactivated';
  if (status === 'resolved') return 'resolved';
  return statusReason === MERGED ? 'merged' : 'cancelled';
};

/** The draws of a transaction by entitlement, each with the entitlement before the first and after the last of them. */
export const balancesOf = (draws: readonly Draw[]): { before: Entitlement; after: Entitlement }[] => {
  const balances = new Map<string, { before: Entitlement; after: Entitlement }>();
  for (const { entitlement, movement } of draws) {
    const { before, after } = balances.get(entitlement.entitlementId) ?? { before: entitlement, after: entitlement };
    balances.set(entitlement.entitlementId, { before, after: moved(after, movement) });
  }
  return [...balances.values()];
};

/** The balance as a whole (no origin) and of each channel that the terms name, before and after. */
const countersOf = ({ before, after }: { before: Entitlement; after: Entitlement }) => [
  { origin: undefined, had: remaining(before), has: remaining(after) },
  ...(before.channels ?? []).map(({ origin }) => ({
    origin,
    had: remainingOf(before, origin) ?? 0,
    has: remainingOf(after, origin) ?? 0,
  })),
];

/** Why a change takes more than restricted terms leave, or nothing when it does not. */
export const whyExhausted = ({ draws = [] }: CaseChange): Refusal<'ENTITLEMENT_EXHAUSTED'> | undefined => {
  for (const balance of balancesOf(draws)) {
    const { name, entitlementId, restrictByTerms } = balance.before;
    const short = restrictByTerms ? countersOf(balance).find(({ had, has }) => has < had && has < 0) : undefined;
    if (!short) continue;
    const { origin, had } = short;
    return refuse('ENTITLEMENT_EXHAUSTED', `${name} has ${had} left${origin ? ` for ${origin}` : ''}`, {
      entitlementId,
      remaining: had,
      ...(origin && { origin }),
    });
  }
  return undefined;
};

const exhaustions = (draws: readonly Draw[], now: Instant): Fact[] =>
  balancesOf(draws).flatMap((balance) => {
    const { entitlementId, customerId } = balance.before;
    return countersOf(balance)
      .filter(({ had, has }) => had > 0 && has <= 0)
      .map(
        ({ origin, has }): Fact => ({
          type: 'entitlement.exhausted',
          occurredAt: now,
          entitlementId,
          customerId,
          remaining: has,
          ...(origin && { origin }),
        }),
      );
  });

/** A file as it is once the changes that go before it in the same transaction have drawn on its entitlement. */
export const afterDrawsOf = (changes: readonly CaseChange[], file: CaseFile): CaseFile => {
  const last = changes.findLast(({ after }) => after.case.entitlementId === file.case.entitlementId)?.after;
  return last?.entitlement && file.entitlement ? { ...file, entitlement: last.entitlement } : file;
};
