import { closeChild } from '../../domain/cascade/close-child.ts';
import type { CaseFile } from '../../domain/cases/case-file.ts';
import { afterDrawsOf } from '../../domain/entitlements/draw.ts';
import type { Fact } from '../../domain/facts/fact.ts';
import type { Cascade } from '../../domain/hierarchy/family.ts';
import { tallied } from '../../domain/pages/tally.ts';
import { type FollowedChange, withClocksLeft } from '../../domain/sla/followed-change.ts';
import type { Instant } from '../../domain/time.ts';
import { rulesOfCase } from '../cases/rules-of-case.ts';
import { type ChildrenPage, childrenPage, writeOutcomes } from '../pages/children-page.ts';
import { untilPageHolds } from '../pages/until-page-holds.ts';
import { NotYetVisible } from '../reactions/faults.ts';
import type { Services } from '../services.ts';
import type { CommitOptions } from '../table/case-store.ts';
import { caseKey, familyKey } from '../table/keys.ts';

type CascadeServices = Pick<Services, 'customers' | 'cases' | 'settings' | 'now' | 'backOff'>;

/** Where a cascade stood when it was told to go on; without a cursor, at the beginning of a round. */
export interface CascadePosition {
  parentId: string;
  cascadeId: string;
  round: number;
  cursor?: string;
}

/** Children looked at a page: more than fit in one. Of a later round most links tell that nothing is to be done. */
const pageChildren = (round: number): number => (round === 1 ? 50 : 500);

/**
 * Closes the next page of a parent's children in one transaction, with the fact that sets the page after it going. The
 * page is committed only where the cascade still stands at `position`, so a fact that comes twice changes nothing and a
 * crash anywhere loses nothing.
 */
export const advanceCascade = (services: CascadeServices, position: CascadePosition): Promise<void> =>
  untilPageHolds(services, [familyKey(position.parentId)], async (left) => {
    const parent = await services.cases.load(position.parentId);
    const cascade = parent && standsAt(parent, position);
    if (!parent || !cascade) return;
    const { changes, options } = await planPage(services, parent, cascade, left);
    await services.cases.commit(changes, options);
  });

/** The cascade, if it is running and stands where `position` says; behind that, the event came before its transaction. */
const standsAt = (
  { family: { cascade } }: CaseFile,
  { cascadeId, round, cursor = '' }: CascadePosition,
): Cascade | undefined => {
  if (!cascade) throw new NotYetVisible(`cascade ${cascadeId}`);
  if (cascade.id !== cascadeId || cascade.round > round) return undefined;
  if (cascade.round < round) throw new NotYetVisible(`cascade ${cascadeId} in round ${round}`);
  if (cascade.state !== 'running') return undefined;
  const present = cascade.cursor ?? '';
  if (present < cursor) throw new NotYetVisible(`cascade ${cascadeId} at ${cursor}`);
  return present === cursor ? cascade : undefined;
};

interface CascadePage {
  changes: FollowedChange[];
  options: CommitOptions;
}

const planPage = async (
  services: CascadeServices,
  parent: CaseFile,
  cascade: Cascade,
  left: ReadonlySet<string>,
): Promise<CascadePage> => {
  const now = services.now();
  const head = await services.settings.head();
  const page = await childrenPage(services, {
    parentId: parent.case.caseId,
    after: cascade.cursor,
    limit: pageChildren(cascade.round),
    left,
    // A later round is about those that failed: what became of the others stays as it was.
    isAbout: ({ cascade: earlier }) =>
      cascade.round === 1 || (earlier?.id === cascade.id && earlier.outcome === 'failed'),
    decide: async (childId, before) => {
      const child = await services.cases.load(childId);
      if (!child) return { outcome: 'failed', reason: 'there is no such case' };
      const rules = await rulesOfCase(services, head, child);
      const closed = closeChild(afterDrawsOf(before, child), parent.case, cascade, rules, now);
      return closed.outcome === 'done' ? { ...closed, change: withClocksLeft(closed.change) } : closed;
    },
    sizeOf: (larger) => {
      const { changes, options } = pageOf(parent, cascade, larger, now);
      return services.cases.sizeOf(changes, options);
    },
  });
  return pageOf(parent, cascade, page, now);
};

const pageOf = (parent: CaseFile, cascade: Cascade, page: ChildrenPage, now: Instant): CascadePage => {
  const { caseId } = parent.case;
  const { closed: done, skipped, failed, id, round, total } = cascade;
  const { done: closed, ...tally } = tallied({ done, skipped, failed }, page.tally, page.isEnd);
  const cursor = page.last ?? cascade.cursor;
  const after: Cascade = { ...cascade, closed, ...tally, progressAt: now, ...(cursor && { cursor }) };
  const about = { occurredAt: now, cascadeId: id };
  const { state, ...counts } = tally;
  const fact: Fact =
    state === 'running'
      ? { type: 'case.cascadeAdvanced', ...about, round, closed, cursor: cursor ?? '' }
      : { type: 'case.cascadeCompleted', ...about, state, total, closed, ...counts };
  const family = { ...parent.family, cascade: after };
  return {
    changes: [...page.changes, withClocksLeft({ before: parent, after: { ...parent, family }, facts: [fact] })],
    options: {
      now,
      actor: cascade.by,
      cause: `cascade:${id}`,
      correlationId: id,
      also: (transaction) => {
        // A reactivation stops the cascade by the parent's own transaction; this one must not go on beside it.
        transaction.check(caseKey(caseId), { attribute: 'status', is: 'equal', value: cascade.closes });
        writeOutcomes(transaction, caseId, page, ({ outcome, reason }) => ({
          cascade: { id, outcome: outcome === 'done' ? 'closed' : outcome, ...(reason && { reason }) },
        }));
      },
    },
  };
};
