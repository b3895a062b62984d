import type { z } from 'zod';
import { AddActivity } from '../../domain/activities/add-activity.ts';
import type { StartBroadcast } from '../../domain/broadcast/broadcast.ts';
import type { Caller, CaseFile } from '../../domain/cases/case-file.ts';
import { CreateCase } from '../../domain/cases/create-case.ts';
import { PatchCase } from '../../domain/cases/patch-case.ts';
import { CaseEvent, type FactType } from '../../domain/facts/fact.ts';
import { MergeCases } from '../../domain/merge/merge-cases.ts';
import { newcomer } from '../../domain/people/user.ts';
import { ProcessFlow } from '../../domain/process/process-flow.ts';
import { Queue } from '../../domain/queues/queue.ts';
import { CaseSettings } from '../../domain/settings/case-settings.ts';
import { Sla } from '../../domain/sla/sla.ts';
import { addActivity } from '../../functions/activities/change-activities.ts';
import type { Outcome, Request } from '../../functions/api/api.ts';
import { startBroadcast } from '../../functions/broadcast/broadcasts.ts';
import { resumeCascade } from '../../functions/cascade/resume-cascade.ts';
import type { CaseView } from '../../functions/cases/case-view.ts';
import { assignCase, patchCase, reactivateCase } from '../../functions/cases/change-case.ts';
import { CancelCase, cancelCase, ResolveCase, resolveCase } from '../../functions/cases/close-cases.ts';
import { createCase } from '../../functions/cases/create-case.ts';
import { createCustomer } from '../../functions/customers/customers.ts';
import { detachChild } from '../../functions/hierarchy/change-parent.ts';
import { mergeCases } from '../../functions/merge/merge-cases.ts';
import { unmergeCase } from '../../functions/merge/unmerge-case.ts';
import { putFlow } from '../../functions/process/change-flows.ts';
import { moveStage } from '../../functions/process/move-stage.ts';
import { createQueue } from '../../functions/queues/change-queues.ts';
import { reactionsTo } from '../../functions/reactions/reactions.ts';
import { routeCase } from '../../functions/routing/route-case.ts';
import type { Services } from '../../functions/services.ts';
import { putCaseSettings } from '../../functions/settings/change-settings.ts';
import { putSla } from '../../functions/settings/slas.ts';
import type { Timers } from '../../functions/sla/timers.ts';
import type { SweepServices } from '../../functions/sweeper/sweep.ts';
import type { StoredItem } from '../../functions/table/table.ts';
import { Transaction } from '../../functions/table/transaction.ts';

const supervisor: Caller = { userId: 'sue', roles: ['agent', 'supervisor', 'admin'] };

const requestOf = <Params, Body>(params: Params, body: Body): Request<Params, unknown, Body> => ({
  params,
  query: {},
  body,
  caller: supervisor,
  correlationId: 'test',
});

/** A desk has no bucket: nobody has uploaded anything. */
const noFiles = { sizeOf: async () => undefined };

/** What a use case answered, or the code with which it refused. */
const answered = (outcome: Outcome): unknown => (outcome.accepted ? outcome.body : outcome.code);

/** The alarms that were asked for and those that were called off; none of them ever rings by itself. */
export interface RecordedTimers extends Timers {
  readonly armed: string[];
  readonly disarmed: string[];
}

export const recordedTimers = (): RecordedTimers => {
  const armed: string[] = [];
  const disarmed: string[] = [];
  return {
    armed,
    disarmed,
    async arm({ kpi, generation, epoch, warnAt, failAt, status }) {
      armed.push(`${kpi} ${generation} ${epoch} ${status === 'inProgress' ? (warnAt ?? failAt) : failAt}`);
      return true;
    },
    async armAt({ kpi, generation, epoch }, next) {
      armed.push(`${kpi} ${generation} ${epoch} ${next}`);
      return true;
    },
    async disarm({ kpi, generation, epoch }) {
      disarmed.push(`${kpi} ${generation} ${epoch}`);
    },
  };
};

/** Everything on a case's timeline as it is stored. */
export const timelineOf = async ({ cases }: Services, caseId: string): Promise<StoredItem[]> => {
  const items: StoredItem[] = [];
  let after: string | undefined;
  do {
    const page = await cases.timeline(caseId, { limit: 1000, after });
    items.push(...page.items);
    after = page.next;
  } while (after);
  return items;
};

/** A supervisor at work with the use cases themselves: nothing follows from what they do unless the test says so. */
export const deskOn = (services: Services, timers: Timers = recordedTimers()) => {
  const all: SweepServices = { ...services, timers, wake: async () => {}, files: { remove: async () => {} } };
  const ada = { id: 'ada', name: 'Ada Lovelace', kind: 'contact' as const };
  /** The first desk on a table makes her known, the others find her there. */
  const customer = createCustomer(services, requestOf({}, ada));

  const events = async (caseId: string, ...types: FactType[]): Promise<CaseEvent[]> => {
    return (await timelineOf(services, caseId))
      .filter(({ entity }) => entity === 'event')
      .map((item) => CaseEvent.parse(item))
      .filter(({ fact }) => types.length === 0 || types.includes(fact.type));
  };

  return {
    all,
    events,
    /** What happened, as `sla.warning 2026-03-09T15:00:00.000Z`. */
    async story(caseId: string, prefix = ''): Promise<string[]> {
      const told = await events(caseId);
      return told
        .filter(({ fact }) => fact.type.startsWith(prefix))
        .map(({ fact }) => `${fact.type} ${fact.occurredAt}`);
    },
    /** Carries out what follows from an event, as the stream's consumer would. */
    react: async (event: CaseEvent): Promise<void> => {
      for (const { run } of reactionsTo(all, event)) await run();
    },
    async open(fields: Partial<z.input<typeof CreateCase>> = {}): Promise<CaseFile> {
      await customer;
      const body = CreateCase.parse({ title: 'No network', customerId: 'ada', origin: 'web', ...fields });
      const outcome = await createCase(services, requestOf({}, body));
      if (!outcome.accepted) throw new Error(`${outcome.code}: ${outcome.detail}`);
      const { caseId } = outcome.body as CaseView;
      return (await services.cases.load(caseId))!;
    },
    patch: async (caseId: string, body: z.input<typeof PatchCase>) =>
      answered(await patchCase(services, requestOf({ caseId }, PatchCase.parse(body)))),
    assign: async (caseId: string, ownerId: string) =>
      answered(await assignCase(services, requestOf({ caseId }, { ownerId }))),
    route: async (caseId: string, queueId?: string) =>
      answered(await routeCase(services, requestOf({ caseId }, { queueId }))),
    resolve: async (caseId: string, body: Partial<z.input<typeof ResolveCase>> = {}) => {
      const parsed = ResolveCase.parse({ resolutionType: 'problemSolved', resolution: 'Done', ...body });
      return answered(await resolveCase(services, requestOf({ caseId }, parsed)));
    },
    cancel: async (caseId: string, body: z.input<typeof CancelCase> = {}) =>
      answered(await cancelCase(services, requestOf({ caseId }, CancelCase.parse(body)))),
    broadcast: async (caseId: string, text: string, visibility: StartBroadcast['visibility'] = 'internal') =>
      answered(await startBroadcast(services, requestOf({ caseId }, { text, visibility }))),
    resume: async (caseId: string) => answered(await resumeCascade(services, requestOf({ caseId }, undefined))),
    detach: async (caseId: string) => answered(await detachChild(services, requestOf({ caseId }, undefined))),
    merge: async (caseId: string, ...caseIds: string[]) =>
      answered(await mergeCases(services, requestOf({ caseId }, MergeCases.parse({ caseIds })))),
    unmerge: async (caseId: string, merged: string) =>
      answered(await unmergeCase(services, requestOf({ caseId }, { caseId: merged }))),
    reactivate: async (caseId: string) => answered(await reactivateCase(services, requestOf({ caseId }, undefined))),
    record: async (caseId: string, body: z.input<typeof AddActivity>) =>
      answered(await addActivity({ ...services, files: noFiles }, requestOf({ caseId }, AddActivity.parse(body)))),
    sla: async (id: string, sla: z.input<typeof Sla>) =>
      answered(await putSla(services, requestOf({ id }, Sla.parse(sla)))),
    flow: async (id: string, flow: z.input<typeof ProcessFlow>) =>
      answered(await putFlow(services, requestOf({ id }, ProcessFlow.parse(flow)))),
    stage: async (caseId: string, stage: string) =>
      answered(await moveStage(services, requestOf({ caseId }, { stage }))),
    user: async (userId: string): Promise<void> => {
      const transaction = new Transaction();
      services.users.create(transaction, newcomer({ userId }, services.now()));
      await services.table.transact(transaction);
    },
    queue: async (id: string, queue: Partial<z.input<typeof Queue>> = {}) =>
      answered(
        await createQueue(
          services,
          requestOf({}, { id, ...Queue.parse({ name: id, visibility: 'public', ...queue }) }),
        ),
      ),
    settings: async (settings: z.input<typeof CaseSettings>) =>
      answered(await putCaseSettings(services, requestOf({}, CaseSettings.parse(settings)))),
  };
};
export type Desk = ReturnType<typeof deskOn>;
