import { z } from 'zod';
import type { CaseFile } from '../../domain/cases/case-file.ts';
import {
  type AssociateCases,
  type Association,
  type Candidate,
  associateCases as decide,
} from '../../domain/hierarchy/associate-cases.ts';
import { accept, type Decision, invalid } from '../../domain/refusal.ts';
import type { SettingsHead } from '../../domain/settings/kinds.ts';
import { type FollowedChange, withClocksLeft } from '../../domain/sla/followed-change.ts';
import type { Instant } from '../../domain/time.ts';
import type { Outcome, Request } from '../api/api.ts';
import { loadVisible } from '../cases/access.ts';
import { CaseView, viewCase } from '../cases/case-view.ts';
import { type CommandServices, loadForCommand } from '../cases/command.ts';
import { clocksFollowing } from '../cases/follow-clocks.ts';
import { idempotently } from '../idempotently.ts';
import { asParent } from '../people/owners.ts';
import { findCustomer } from '../references.ts';
import type { CommitOptions } from '../table/case-store.ts';
import { answerItem } from '../table/idempotency.ts';
import { MAX_TRANSACTION_WRITES, Transaction } from '../table/transaction.ts';

export const AssociatedCases = z.object({ parent: CaseView, children: z.array(CaseView) });

/** Makes several cases children of one, in one transaction. */
export const associateCases = (
  services: CommandServices,
  request: Request<unknown, unknown, AssociateCases>,
): Promise<Outcome> =>
  idempotently(services, request.idempotent, async () => {
    const { caller, correlationId, idempotent } = request;
    const now = services.now();
    const head = await services.settings.head();
    const selected = await load(services, request, head);
    if (!selected.accepted) return selected;
    const { shown, candidates } = selected.value;
    const parent = await asParent(services, head, shown);

    const options = (answer: unknown): CommitOptions => ({
      now,
      actor: caller.userId,
      cause: 'user',
      correlationId,
      also: (transaction) => idempotent && transaction.create(answerItem(idempotent, 200, answer, now)),
    });
    const size = (changes: readonly FollowedChange[]): number => services.cases.sizeOf(changes, options({}));
    const follow = (decision: Decision<Association>) => followed(services, head, decision, now);
    let decision = await follow(decide(candidates, parent, now));
    if (decision.accepted && size(changesOf(decision.value)) > MAX_TRANSACTION_WRITES) {
      // Each costs three writes, and one more when it goes to its parent's queue before it was ever routed.
      const left = candidates.map((candidate) => ({ ...candidate, leaveToRouting: true }));
      decision = await follow(decide(left, parent, now));
    }
    if (!decision.accepted) return decision;
    if (size(changesOf(decision.value)) > MAX_TRANSACTION_WRITES) {
      return invalid('caseIds', 'what these cases inherit changes too much at once: send fewer');
    }

    const { parent: parentChange, children } = decision.value;
    const rules = await services.settings.rulesFor(head, parent);
    const answer = {
      parent: viewCase({ ...shown, family: parentChange.after.family }, rules),
      children: children.map(({ after }) => viewCase(after, rules)),
    };
    if (parentChange.before !== parentChange.after) {
      await services.cases.commit(changesOf(decision.value), options(answer));
    } else if (idempotent) {
      const transaction = new Transaction();
      transaction.create(answerItem(idempotent, 200, answer, now));
      await services.table.transact(transaction);
    }
    return { accepted: true, body: answer };
  });

interface FollowedAssociation {
  parent: FollowedChange;
  children: FollowedChange[];
}

const followed = async (
  services: CommandServices,
  head: SettingsHead,
  decision: Decision<Association>,
  now: Instant,
): Promise<Decision<FollowedAssociation>> =>
  decision.accepted
    ? accept({
        parent: withClocksLeft(decision.value.parent),
        children: await Promise.all(
          decision.value.children.map((change) => clocksFollowing(services, head, change, now)),
        ),
      })
    : decision;

const changesOf = ({ parent, children }: FollowedAssociation) => [parent, ...children];

/** The parent and the others as they are, each with what attaching it needs. */
const load = async (
  services: CommandServices,
  { body: { parentId, caseIds }, caller }: Request<unknown, unknown, AssociateCases>,
  head: SettingsHead,
): Promise<Decision<{ shown: CaseFile; candidates: Candidate[] }>> => {
  const shown = await loadVisible(services, parentId, caller, head);
  if (!shown) return invalid('parentId', `there is no case ${parentId}`);
  const found = await Promise.all(
    caseIds
      .filter((caseId) => caseId !== parentId)
      .map(async (caseId) => {
        const named = await loadForCommand(services, { params: { caseId }, caller }, head);
        if (!named.accepted) {
          return named.code === 'NOT_FOUND'
            ? invalid(`caseIds.${caseIds.indexOf(caseId)}`, `there is no case ${caseId}`)
            : { ...named, details: { ...named.details, caseId } };
        }
        const file = named.value;
        const [rules, customer] = await Promise.all([
          services.settings.rulesFor(head, file),
          findCustomer(services, file.case.customerId),
        ]);
        return customer.accepted ? accept({ file, rules, customer: customer.value }) : customer;
      }),
  );
  const candidates: Candidate[] = [];
  for (const one of found) {
    if (!one.accepted) return one;
    candidates.push(one.value);
  }
  return accept({ shown, candidates });
};
