import { z } from 'zod';
import { CreateCase } from '../../domain/cases/create-case.ts';
import { nextDue } from '../../domain/templates/schedule.ts';
import { createCase } from '../cases/create-case.ts';
import { retryingLostRaces } from '../lost-races.ts';
import { TooBusy, unlessBusy } from '../reactions/faults.ts';
import type { Services } from '../services.ts';
import { idempotencyKey } from '../table/keys.ts';
import { Transaction } from '../table/transaction.ts';
import { causeOf } from './case-templates.ts';

/** Who opens cases that no person asked for at this moment. It has no more rights than opening cases needs. */
const SYSTEM = { userId: 'system', roles: ['integration'] } as const;

const Created = z.object({ caseId: z.uuid() });

/**
 * Opens the case of a template that is due, once for each due instant: the instant is an idempotency key in the case's
 * own transaction, so whoever comes again, or at the same moment, gets the case that there is. Then the schedule goes
 * on. A case that is refused (its customer is gone, say) is told of in the template, and the schedule goes on too.
 */
export const runDueTemplate = async (services: Services, templateId: string): Promise<void> => {
  unlessBusy(await retryingLostRaces(services, () => runOnce(services, templateId)));
};

const runOnce = async (services: Services, templateId: string): Promise<void> => {
  const { settings, templates, table } = services;
  const [runs, template] = await Promise.all([templates.runs(templateId), settings.caseTemplates.find(templateId)]);
  const now = services.now();
  if (!template?.document.schedule || !runs?.nextAt || runs.nextAt > now) return;
  const dueAt = runs.nextAt;
  const outcome = await createCase(services, {
    params: {},
    query: {},
    body: CreateCase.parse(template.document.case),
    caller: SYSTEM,
    idempotent: { key: idempotencyKey(SYSTEM.userId, causeOf(templateId), dueAt), bodyHash: dueAt },
    cause: causeOf(templateId),
    correlationId: 'sweeper',
  });
  if (!outcome.accepted && outcome.code === 'TRY_AGAIN') throw new TooBusy(outcome.detail);

  const result = outcome.accepted
    ? { caseId: Created.parse(outcome.body).caseId }
    : { refused: { code: outcome.code, detail: outcome.detail } };
  const nextAt = nextDue(template.document.schedule, dueAt);
  const transaction = new Transaction();
  templates.moveOn(transaction, runs, { templateId, nextAt, last: { dueAt, at: now, ...result } });
  await table.transact(transaction);
};
