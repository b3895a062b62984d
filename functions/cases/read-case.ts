import { z } from 'zod';
import { Activity } from '../../domain/activities/activity.ts';
import { CaseId, Resolution } from '../../domain/cases/case.ts';
import type { CaseFile, Rules } from '../../domain/cases/case-file.ts';
import { CaseEvent, FieldChange } from '../../domain/facts/fact.ts';
import { ChildLink } from '../../domain/hierarchy/family.ts';
import { refuse } from '../../domain/refusal.ts';
import { calendarOf } from '../../domain/sla/clocks.ts';
import { describeKpi, KpiView } from '../../domain/sla/describe-kpi.ts';
import { settleKpi } from '../../domain/sla/settle-kpi.ts';
import { Instant } from '../../domain/time.ts';
import type { Outcome, Request } from '../api/api.ts';
import { decodeCursor, encodeCursor } from '../api/cursor.ts';
import { pageOf } from '../api/route.ts';
import { isPassing } from '../reactions/faults.ts';
import type { Services } from '../services.ts';
import type { StoredItem } from '../table/table.ts';
import { isVisible } from './access.ts';
import { CaseView, viewCase } from './case-view.ts';

export type ReadServices = Pick<Services, 'cases' | 'settings' | 'now'>;
export type ReadRequest<Query = unknown> = Request<{ caseId: string }, Query, unknown>;
export type Paging = { limit: number; cursor?: string };

/** Answers what `read` makes of a case that the caller may know of. */
export const reading = async (
  { cases, settings }: ReadServices,
  { params: { caseId }, caller }: ReadRequest,
  read: (file: CaseFile, rules: Rules) => unknown,
): Promise<Outcome> => {
  const [head, file] = await Promise.all([settings.head(), cases.load(caseId)]);
  if (!file || !(await isVisible({ settings }, file, caller, head))) {
    return refuse('NOT_FOUND', `There is no case ${caseId}`);
  }
  return { accepted: true, body: await read(file, await settings.rulesFor(head, file)) };
};

/** A case as it is now: reading it never lags behind a write. */
export const getCase = (services: ReadServices, request: ReadRequest): Promise<Outcome> =>
  reading(services, request, viewCase);

/** Every way in which a case has been closed, the first one first. */
export const getResolutions = (services: ReadServices, request: ReadRequest): Promise<Outcome> =>
  reading(services, request, async (file) => ({ items: await services.cases.resolutions(file.case.caseId) }));
export const Resolutions = z.object({ items: z.array(Resolution) });

/** A case's clocks as of now: what was due and is not committed yet is shown as it will be. */
export const getSla = (services: ReadServices, request: ReadRequest): Promise<Outcome> =>
  reading(services, request, (file, rules) => slaView(file, rules, services.now()));

/** The clocks of a file as they are shown. */
export const slaView = (file: CaseFile, rules: Rules, now: Instant): z.infer<typeof SlaView> => ({
  slaId: file.case.slaId,
  kpis: file.kpis.map((kpi) => describeKpi(settleKpi(kpi, now).instance, calendarOf(kpi, rules), now)),
});
export const SlaView = z.object({ slaId: z.string().optional(), kpis: z.array(KpiView) }).meta({ id: 'CaseSla' });

/** A page of something of a case that the caller may know of; `name` ties its cursors to it. */
export const paged = async (
  services: ReadServices,
  request: ReadRequest<Paging>,
  name: string,
  read: (paging: { limit: number; after?: string }) => Promise<{ items: unknown[]; next?: string }>,
): Promise<Outcome> => {
  const { limit, cursor } = request.query;
  const list = `${name} ${request.params.caseId}`;
  const position = decodeCursor(list, cursor, z.string());
  if (!position.accepted) return position;
  return reading(services, request, async () => {
    const { items, next } = await read({ limit, after: position.value });
    return { items, ...(next && { nextCursor: encodeCursor(list, next) }) };
  });
};

/** A parent's children, each with what the last cascade and the last broadcast did with it; also one that cannot be read. */
export const getChildren = (services: ReadServices, request: ReadRequest<Paging>): Promise<Outcome> =>
  paged(services, request, 'children', async (paging) => {
    const { items, next } = await services.cases.children(request.params.caseId, paging);
    const head = await services.settings.head();
    const shown = await Promise.all(
      items.map(async ({ childId, cascade, broadcast }): Promise<z.infer<typeof Child>[]> => {
        const outcome = {
          ...(cascade && { cascadeOutcome: cascade }),
          ...(broadcast && { broadcastOutcome: broadcast }),
        };
        const file = await readableChild(services, childId);
        if (!file) return [{ caseId: childId, unreadable: true, ...outcome }];
        if (!(await isVisible(services, file, request.caller, head))) return [];
        return [{ ...viewCase(file, await services.settings.rulesFor(head, file)), ...outcome }];
      }),
    );
    return { items: shown.flat(), ...(next && { next }) };
  });

/** A child as lists read it; nothing when it cannot be read, which must not hide the others. */
const readableChild = async ({ cases }: ReadServices, childId: string): Promise<CaseFile | undefined> => {
  try {
    // A copy that lags behind may lack a child that has just been opened.
    return (await cases.load(childId, { eventually: true })) ?? (await cases.load(childId));
  } catch (error) {
    if (isPassing(error)) throw error;
    return undefined;
  }
};

const ofChild = { cascadeOutcome: ChildLink.shape.cascade, broadcastOutcome: ChildLink.shape.broadcast };
const Child = z.union([
  CaseView.extend(ofChild),
  z.object({ caseId: CaseId, unreadable: z.literal(true), ...ofChild }).meta({ id: 'UnreadableChild' }),
]);
export const Children = pageOf(Child);

/** An entry of the timeline: an activity, or what the system posted. */
export const TimelineEntry = z
  .discriminatedUnion('kind', [
    z.object({ kind: z.literal('activity'), ...Activity.shape }),
    z.looseObject({
      kind: z.literal('post'),
      id: z.uuid(),
      type: z.string(),
      occurredAt: Instant,
      actor: z.string(),
      cause: z.string(),
    }),
  ])
  .meta({ id: 'TimelineEntry' });

/** What happened on a case, in order of when it happened; activities stand for the facts that added them. */
export const getTimeline = (services: ReadServices, request: ReadRequest<Paging>): Promise<Outcome> =>
  paged(services, request, 'timeline', async (paging) => {
    const { items, next } = await services.cases.timeline(request.params.caseId, paging);
    return { items: items.flatMap(timelineEntry), ...(next && { next }) };
  });

const timelineEntry = (item: StoredItem): z.infer<typeof TimelineEntry>[] => {
  if (item.entity === 'activity') return [{ kind: 'activity', ...Activity.parse(item) }];
  const { eventId, fact, actor, cause } = CaseEvent.parse(item);
  if (fact.type === 'activity.added') return [];
  // A clock says why it paused, the event who or what made it so: both are told. A deadline that was set explains itself.
  const because = 'cause' in fact && { because: fact.cause };
  return [{ kind: 'post', id: eventId, ...because, ...fact, actor, cause }];
};

/** An entry of the audit: every fact, with who made it so, why, and which fields changed. */
export const AuditEntry = z
  .object({
    id: z.uuid(),
    at: Instant,
    occurredAt: Instant,
    actor: z.string(),
    action: z.string(),
    cause: z.string(),
    correlationId: z.string(),
    forced: z.boolean().optional().describe('Closed with its parent although the transition graph has no such edge'),
    changes: z.array(FieldChange),
  })
  .meta({ id: 'AuditEntry' });

/** The append-only audit of a case. */
export const getAudit = (services: ReadServices, request: ReadRequest<Paging>): Promise<Outcome> =>
  paged(services, request, 'audit', async (paging) => {
    const { items, next } = await services.cases.timeline(request.params.caseId, paging);
    return { items: items.flatMap(auditEntry), ...(next && { next }) };
  });

const auditEntry = (item: StoredItem): z.infer<typeof AuditEntry>[] => {
  if (item.entity !== 'event') return [];
  const { eventId: id, at, actor, cause, correlationId, fact } = CaseEvent.parse(item);
  const { type: action, occurredAt, changes = [] } = fact;
  const forced = 'forced' in fact && { forced: fact.forced };
  return [{ id, at, occurredAt, actor, action, cause, correlationId, ...forced, changes }];
};
