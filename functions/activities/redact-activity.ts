import { Activity } from '../../domain/activities/activity.ts';
import { redactActivity as decide, REDACTED, type RedactActivity } from '../../domain/activities/redact-activity.ts';
import { withoutPersonal } from '../../domain/erasure/erase-texts.ts';
import { CaseEvent } from '../../domain/facts/fact.ts';
import type { Outcome, Request } from '../api/api.ts';
import { type CommandServices, commandOnCase } from '../cases/command.ts';
import { echoesOf, eraseFrom } from '../erasure/erase-item.ts';
import { INTAKE_ENTITY } from '../table/intake-store.ts';
import { rawMessageKey } from '../table/keys.ts';
import type { StoredItem } from '../table/table.ts';
import { Transaction } from '../table/transaction.ts';
import { whyNotHere } from './change-activities.ts';

/**
 * Takes subject and text from an activity, and then from the facts that tell what they were before an edit, and from the
 * answers that repeat them. Asked again it goes on with those: nothing new can have come to them meanwhile.
 */
export const redactActivity = async (
  services: CommandServices,
  request: Request<{ caseId: string; activityId: string }, unknown, RedactActivity>,
): Promise<Outcome> => {
  const { caseId, activityId } = request.params;
  let redacted: Activity | undefined;
  const outcome = await commandOnCase(
    services,
    request,
    async ({ file, now }) => {
      const before = await services.cases.activity(caseId, activityId);
      if (!before) return whyNotHere(file, activityId);
      const change = decide(file, before, request.body, { caller: request.caller, now });
      redacted = change.activities?.[0] ?? before;
      return { accepted: true, value: change };
    },
    { of: () => redacted },
  );
  if (!outcome.accepted) return outcome;
  const { mergePath = [], movedFrom } = Activity.parse(outcome.body);
  for (const place of [caseId, ...mergePath, ...(movedFrom ? [movedFrom] : [])]) {
    await redactHistory(services, place, activityId);
  }
  return outcome;
};

const TEXTS = {
  fields: ['subject', 'body', 'html', 'text', 'excerpt'],
  mentions: [],
  isFreeText: () => false,
  instead: REDACTED,
};

/** Each fact is a write, and up to three things repeat it. */
const PAGE = 25;

const redactHistory = async (services: CommandServices, caseId: string, activityId: string): Promise<void> => {
  for (let after: string | undefined, isMore = true; isMore; ) {
    const { items, next } = await services.cases.timeline(caseId, { limit: PAGE, after });
    const told = items.filter((item) => isAbout(item, activityId));
    const transaction = new Transaction();
    for (const item of told) eraseFrom(transaction, item, withoutPersonal(item, TEXTS));
    const echoes = new Map(told.flatMap(echoesOf).map((key) => [key.PK + key.SK, key]));
    for (const item of await Promise.all([...echoes.values()].map((key) => services.table.get(key)))) {
      if (!item) continue;
      eraseFrom(transaction, item, withoutPersonal(item, TEXTS));
      if (item.entity === INTAKE_ENTITY) transaction.forget(rawMessageKey(String(item.intakeId)));
    }
    if (transaction.size > 0) await services.table.transact(transaction);
    [after, isMore] = [next, next !== undefined];
  }
};

const isAbout = (item: StoredItem, activityId: string): boolean => {
  if (item.entity !== 'event') return false;
  const { fact } = CaseEvent.parse(item);
  return 'activityId' in fact && fact.activityId === activityId;
};
