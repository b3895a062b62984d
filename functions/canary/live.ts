import { CANARY_ID } from '../../domain/canary/canary.ts';
import type { Caller, CaseFile } from '../../domain/cases/case-file.ts';
import { CreateCase } from '../../domain/cases/create-case.ts';
import { PatchCase } from '../../domain/cases/patch-case.ts';
import { Queue } from '../../domain/queues/queue.ts';
import { Sla } from '../../domain/sla/sla.ts';
import type { Outcome, Request } from '../api/api.ts';
import { patchCase } from '../cases/change-case.ts';
import { CancelCase, cancelCase, ResolveCase, resolveCase } from '../cases/close-cases.ts';
import { type CreateServices, createCase } from '../cases/create-case.ts';
import { CreateCustomer } from '../customers/customers.routes.ts';
import { createCustomer } from '../customers/customers.ts';
import { createQueue } from '../queues/change-queues.ts';
import type { Services } from '../services.ts';
import { putSla } from '../settings/slas.ts';

export type CanaryServices = Services &
  CreateServices & {
    /** Whether the timer of a clock's epoch waits to ring. */
    waits: (clock: { caseId: string; kpi: string; generation: number; epoch: number }) => Promise<boolean>;
    /** Waits a moment before it is looked again. */
    moment: () => Promise<void>;
  };

/** What did not become of a case that the service opened for itself. */
export class NotAlive extends Error {
  override name = 'NotAlive';
}

const canary: Caller = { userId: CANARY_ID, roles: ['agent', 'supervisor', 'admin'] };

/** So often it is looked, with a moment in between: a step that takes longer than half a minute is too late. */
const LOOKS = 60;

/**
 * Has one case live: it is opened, routed by the stream, its clock armed, held, resumed and ended, and with it the timer
 * behind it. Throws what did not happen, and cancels the case then.
 */
export const live = async (services: CanaryServices, correlationId: string): Promise<void> => {
  const asked = <Params, Body>(params: Params, body: Body): Request<Params, Record<string, never>, Body> => ({
    params,
    query: {},
    body,
    caller: canary,
    correlationId,
  });
  const done = (what: string, outcome: Outcome): void => {
    if (!outcome.accepted) throw new NotAlive(`${what}: ${outcome.code}`);
  };

  await setUp(services, asked);
  const { caseId, ...opened } = await open(services, asked);
  done('open', opened.outcome);
  const until = async (what: string, isSo: (file: CaseFile) => boolean | Promise<boolean>): Promise<void> => {
    for (let n = 0; n < LOOKS; n += 1) {
      const file = await services.cases.load(caseId);
      if (file && (await isSo(file))) return;
      await services.moment();
    }
    throw new NotAlive(what);
  };
  const clock = ({ kpis }: CaseFile) => kpis.find(({ kpi }) => kpi === 'resolve');
  const isTimed = async (file: CaseFile): Promise<boolean> => {
    const found = clock(file);
    return found !== undefined && services.waits(found);
  };
  const edit = async (statusReason: string) =>
    done(statusReason, await patchCase(services, asked({ caseId }, PatchCase.parse({ statusReason }))));

  try {
    await until('routed', ({ placement }) => placement?.state === 'queued' && placement.queueId === CANARY_ID);
    await until('armed', async (file) => clock(file)?.status === 'inProgress' && (await isTimed(file)));
    await edit('waitingForDetails');
    await until('held', async (file) => {
      const held = clock(file);
      return held?.status === 'paused' && !(await services.waits({ ...held, epoch: held.epoch - 1 }));
    });
    await edit('inProgress');
    await until('resumed', async (file) => clock(file)?.status === 'inProgress' && (await isTimed(file)));
    const resolution = ResolveCase.parse({ resolutionType: 'problemSolved', resolution: 'It works' });
    done('resolve', await resolveCase(services, asked({ caseId }, resolution)));
    await until('ended', async (file) => {
      const ended = clock(file);
      return ended?.status === 'succeeded' && !(await services.waits({ ...ended, epoch: ended.epoch - 1 }));
    });
  } catch (error) {
    await cancelCase(services, asked({ caseId }, CancelCase.parse({}))).catch(() => {});
    throw error;
  }
};

type Asked = <Params, Body>(params: Params, body: Body) => Request<Params, Record<string, never>, Body>;

const open = async (services: CanaryServices, asked: Asked): Promise<{ caseId: string; outcome: Outcome }> => {
  const body = { title: 'Canary', customerId: CANARY_ID, origin: 'canary', slaId: CANARY_ID };
  const outcome = await createCase(services, asked({}, CreateCase.parse(body)));
  const view = outcome.accepted && typeof outcome.body === 'object' ? outcome.body : {};
  return { caseId: String(view && 'caseId' in view ? view.caseId : ''), outcome };
};

/** Makes what the canary's cases need where it is not there yet; whoever changed it since is right. */
const setUp = async (services: CanaryServices, asked: Asked): Promise<void> => {
  const { customers, settings } = services;
  const name = 'Canary';
  if (!(await customers.find(CANARY_ID)))
    await createCustomer(services, asked({}, CreateCustomer.parse({ id: CANARY_ID, name, kind: 'contact' })));
  if (!(await settings.queues.find(CANARY_ID)))
    await createQueue(services, asked({}, { id: CANARY_ID, ...Queue.parse({ name, visibility: 'private' }) }));
  if (!(await settings.slas.find(CANARY_ID))) {
    const items = [{ id: 'resolve', kpi: 'resolve', targetMinutes: 7 * 24 * 60 }];
    await putSla(services, asked({ id: CANARY_ID }, Sla.parse({ name, items })));
  }
};
