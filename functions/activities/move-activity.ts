import { moveActivity as decide, type MoveActivity } from '../../domain/activities/move-activity.ts';
import { invalid } from '../../domain/refusal.ts';
import { withClocksLeft } from '../../domain/sla/followed-change.ts';
import type { Outcome, Request } from '../api/api.ts';
import { loadVisible } from '../cases/access.ts';
import { type CommandServices, loadForCommand } from '../cases/command.ts';
import { idempotently } from '../idempotently.ts';
import { moveActivity as moveStored } from '../merge/move-activity.ts';
import { answerItem } from '../table/idempotency.ts';
import { timelineKey } from '../table/keys.ts';
import { whyNotHere } from './change-activities.ts';

/** Moves an activity to the case where it belongs; both cases tell. */
export const moveActivity = (
  services: CommandServices,
  request: Request<{ caseId: string; activityId: string }, unknown, MoveActivity>,
): Promise<Outcome> =>
  idempotently(services, request.idempotent, async () => {
    const { params, body, caller, idempotent, correlationId } = request;
    const head = await services.settings.head();
    const from = await loadForCommand(services, request, head);
    if (!from.accepted) return from;
    const to = await loadVisible(services, body.caseId, caller, head);
    if (!to) return invalid('caseId', `there is no case ${body.caseId}`);
    const [activity, stored] = await Promise.all([
      services.cases.activity(params.caseId, params.activityId),
      services.table.get(timelineKey(params.caseId, params.activityId)),
    ]);
    if (!activity || !stored) return whyNotHere(from.value, params.activityId);
    const now = services.now();
    const decision = decide(from.value, to, activity, now);
    if (!decision.accepted) return decision;
    const moved = decision.value;
    await services.cases.commit([moved.from, moved.to].map(withClocksLeft), {
      now,
      actor: caller.userId,
      cause: 'user',
      correlationId,
      also: (transaction) => {
        moveStored(transaction, stored, moved.activity);
        if (idempotent) transaction.create(answerItem(idempotent, 200, moved.activity, now));
      },
    });
    return { accepted: true, body: moved.activity };
  });
