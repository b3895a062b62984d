import type { CaseFile, Rules } from '../../domain/cases/case-file.ts';
import { mergeCases as decide, type MergeCases, type MergeContext } from '../../domain/merge/merge-cases.ts';
import { whyNotSelected } from '../../domain/merge/why-not-merged.ts';
import { accept, type Decision, invalid, type Refusal } from '../../domain/refusal.ts';
import type { SettingsHead } from '../../domain/settings/kinds.ts';
import { type FollowedChange, withClocksLeft } from '../../domain/sla/followed-change.ts';
import type { Outcome } from '../api/api.ts';
import { loadVisible } from '../cases/access.ts';
import { viewCase } from '../cases/case-view.ts';
import { type CaseRequest, type CommandServices, loadForCommand } from '../cases/command.ts';
import { clocksFollowing } from '../cases/follow-clocks.ts';
import { idempotently } from '../idempotently.ts';
import type { CommitOptions } from '../table/case-store.ts';
import { answerItem } from '../table/idempotency.ts';
import { MAX_TRANSACTION_WRITES } from '../table/transaction.ts';
import { MergedCase } from './merge.routes.ts';

/**
 * Merges cases into the path's: one transaction cancels all of them and points them to the survivor, or none. Ten cases
 * are 61 writes as a rule and 99 at most, when each was in a reason and under an entitlement of its own; their clocks
 * end in the same transaction if it has room for all of them, two writes each. If not, the first pages of each case's
 * move stop them, dated at the merge. The survivor's own clocks follow what comes to it.
 */
export const mergeCases = (services: CommandServices, request: CaseRequest<MergeCases>): Promise<Outcome> =>
  idempotently(services, request.idempotent, async () => {
    const { params, body, caller, correlationId, idempotent } = request;
    const selection = whyNotSelected(params.caseId, body.caseIds);
    if (selection) return selection;
    const head = await services.settings.head();
    const survivor = await loadForCommand(services, request, head);
    if (!survivor.accepted) return survivor;
    const others = await loadOthers(services, request, head);
    if ('code' in others) return others;
    const all = [survivor.value, ...others];
    const rules = new Map<CaseFile, Rules>();
    for (const file of all) rules.set(file, await services.settings.rulesFor(head, file));

    const now = services.now();
    const moveIds = new Map(others.map((file) => [file, services.ids.at(now)]));
    const context: Omit<MergeContext, 'clocks'> = {
      rulesOf: (file) => known(rules, file),
      moveIdOf: (file) => known(moveIds, file),
      caller,
      now,
    };
    const decideWith = async (clocks: MergeContext['clocks']): Promise<Decision<FollowedMerge>> => {
      const decision = decide(survivor.value, others, body, { ...context, clocks });
      if (!decision.accepted) return decision;
      const { survivor: receiving, merged } = decision.value;
      return accept({
        survivor: await clocksFollowing(services, head, receiving, now),
        merged: merged.map(withClocksLeft),
      });
    };
    const options = (answer: unknown): CommitOptions => ({
      now,
      actor: caller.userId,
      cause: 'user',
      correlationId,
      also: (transaction) => idempotent && transaction.create(answerItem(idempotent, 200, answer, now)),
    });

    let decision = await decideWith('now');
    if (!decision.accepted) return decision;
    const isTooMuch = (merge: FollowedMerge): boolean =>
      services.cases.sizeOf(changesOf(merge), options({})) > MAX_TRANSACTION_WRITES;
    if (isTooMuch(decision.value)) {
      decision = await decideWith('later');
      if (!decision.accepted) return decision;
      if (isTooMuch(decision.value)) return invalid('caseIds', 'merging these changes too much at once: merge fewer');
    }
    const answer = answerOf(decision.value, context.rulesOf(survivor.value));
    await services.cases.commit(changesOf(decision.value), options(answer));
    return { accepted: true, body: answer };
  });

const loadOthers = async (
  services: CommandServices,
  { body: { caseIds }, caller }: CaseRequest<MergeCases>,
  head: SettingsHead,
): Promise<CaseFile[] | Refusal> => {
  const files = await Promise.all(caseIds.map((caseId) => loadVisible(services, caseId, caller, head)));
  const missing = files.indexOf(undefined);
  if (missing >= 0) return invalid(`caseIds.${missing}`, `there is no case ${caseIds[missing]}`);
  return files.flatMap((file) => file ?? []);
};

const known = <Value>(map: ReadonlyMap<CaseFile, Value>, file: CaseFile): Value => {
  const value = map.get(file);
  if (value === undefined) throw new Error(`${file.case.caseId} is no part of this merge`);
  return value;
};

interface FollowedMerge {
  survivor: FollowedChange;
  merged: FollowedChange[];
}

const changesOf = ({ survivor, merged }: FollowedMerge): FollowedChange[] => [survivor, ...merged];

const answerOf = ({ survivor, merged }: FollowedMerge, rules: Rules) => ({
  survivor: viewCase(survivor.after, rules),
  merged: merged.map(({ after }) => MergedCase.parse(viewCase(after, rules))),
});
