import { unmergeCase as decide, type UnmergeCase } from '../../domain/merge/unmerge-case.ts';
import { DEFAULT_QUEUE_ID } from '../../domain/queues/queue.ts';
import { invalid } from '../../domain/refusal.ts';
import type { Outcome } from '../api/api.ts';
import { loadVisible } from '../cases/access.ts';
import { viewCase } from '../cases/case-view.ts';
import { type CaseRequest, type CommandServices, loadForCommand } from '../cases/command.ts';
import { clocksFollowing } from '../cases/follow-clocks.ts';
import { rulesOfCase } from '../cases/rules-of-case.ts';
import { idempotently } from '../idempotently.ts';
import { ownerOf } from '../people/owners.ts';
import { answerItem } from '../table/idempotency.ts';

/** Takes a case out of the path's again, also while its merge is still moving things. */
export const unmergeCase = (services: CommandServices, request: CaseRequest<UnmergeCase>): Promise<Outcome> =>
  idempotently(services, request.idempotent, async () => {
    const { body, caller, correlationId, idempotent } = request;
    const { cases, settings, ids } = services;
    const head = await settings.head();
    const survivor = await loadForCommand(services, request, head);
    if (!survivor.accepted) return survivor;
    const merged = await loadVisible(services, body.caseId, caller, head);
    if (!merged) return invalid('caseId', `there is no case ${body.caseId}`);

    const { parentId, ownerId } = merged.case;
    const last = merged.placement?.queueId;
    const [rules, parent, queue, owner] = await Promise.all([
      rulesOfCase(services, head, merged),
      parentId ? cases.load(parentId) : undefined,
      last ? settings.queues.find(last, head) : undefined,
      ownerId ? ownerOf(services, head, ownerId) : undefined,
    ]);
    const now = services.now();
    const decision = decide(survivor.value, merged, {
      rules,
      by: caller.userId,
      now,
      moveId: ids.at(now),
      parent,
      queueId: queue?.id ?? DEFAULT_QUEUE_ID,
      ownerIsGone: ownerId !== undefined && !owner,
    });
    if (!decision.accepted) return decision;

    const [left, unmerged] = await Promise.all([
      clocksFollowing(services, head, decision.value.survivor, now),
      clocksFollowing(services, head, decision.value.unmerged, now),
    ]);
    const answer = { survivor: viewCase(left.after, rules), unmerged: viewCase(unmerged.after, rules) };
    await cases.commit([left, unmerged], {
      now,
      actor: caller.userId,
      cause: 'user',
      correlationId,
      also: (transaction) => idempotent && transaction.create(answerItem(idempotent, 200, answer, now)),
    });
    return { accepted: true, body: answer };
  });
