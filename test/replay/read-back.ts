import { z } from 'zod';
import { Instant } from '../../domain/time.ts';
import { inParallel } from './batches.ts';
import type { By, Connection } from './connection.ts';
import type { ReplayedCase } from './run.ts';

const View = z.object({
  caseId: z.string(),
  status: z.string(),
  statusReason: z.string(),
  priority: z.string(),
  severity: z.string().optional(),
  subjectId: z.string().optional(),
  ownerId: z.string().optional(),
  queueId: z.string().optional(),
  parentId: z.string().optional(),
  childCount: z.number(),
  reopenCount: z.number(),
});
const Kpi = z.object({
  kpi: z.string(),
  generation: z.number(),
  status: z.string(),
  warnAt: Instant.optional(),
  failAt: Instant.optional(),
  warnedAt: Instant.optional(),
  breachedAt: Instant.optional(),
  succeededAt: Instant.optional(),
  usedMinutes: z.number(),
});
export type Kpi = z.infer<typeof Kpi>;
const Post = z.object({
  kind: z.literal('post'),
  id: z.string(),
  type: z.string(),
  occurredAt: Instant,
  cause: z.string(),
  kpi: z.string().optional(),
  generation: z.number().optional(),
  dueAt: Instant.optional(),
  alarm: z.string().optional(),
  queueId: z.string().optional(),
});
const Activity = z.object({ kind: z.literal('activity'), activityId: z.string(), body: z.string() });
const AuditRow = z.object({
  id: z.string(),
  at: Instant,
  action: z.string(),
  cause: z.string(),
  changes: z.array(z.object({ field: z.string(), new: z.unknown().optional() })),
});

/** A fact of a case: its row of the audit with what the timeline tells besides. */
export type Entry = z.infer<typeof AuditRow> & { post?: z.infer<typeof Post> };

/** All that the service says of a case. */
export interface Found {
  view: z.infer<typeof View>;
  kpis: Kpi[];
  entries: Entry[];
  activities: z.infer<typeof Activity>[];
  /** Cases with this external id, as the list has them. */
  sameExternalId: number;
}

/** Reads every case of a run back; a case that was acknowledged and is not there is absent from the answer. */
export const readBack = async (
  connection: Connection,
  cases: readonly ReplayedCase[],
  onRead: (done: number, of: number) => void = () => {},
): Promise<Map<ReplayedCase, Found>> => {
  const found = new Map<ReplayedCase, Found>();
  const opened = cases.filter(({ known }) => known.caseId !== undefined);
  await inParallel(opened, async (replayed) => {
    const path = `/v1/cases/${replayed.known.caseId}`;
    const { status, body } = await get(connection, path);
    if (status === 404) return;
    const [sla, audit, timeline, same] = await Promise.all([
      get(connection, `${path}/sla`),
      everything(connection, `${path}/audit`),
      everything(connection, `${path}/timeline`),
      everything(connection, `/v1/cases?externalId=${encodeURIComponent(replayed.externalId)}`),
    ]);
    const entries = z.array(z.discriminatedUnion('kind', [Post, Activity])).parse(timeline);
    const posts = new Map(entries.flatMap((entry) => (entry.kind === 'post' ? [[entry.id, entry] as const] : [])));
    found.set(replayed, {
      view: View.parse(body),
      kpis: z.object({ kpis: z.array(Kpi) }).parse(sla.body).kpis,
      entries: z
        .array(AuditRow)
        .parse(audit)
        .map((row) => ({ ...row, post: posts.get(row.id) })),
      activities: entries.flatMap((entry) => (entry.kind === 'activity' ? [entry] : [])),
      sameExternalId: same.length,
    });
    onRead(found.size, opened.length);
  });
  return found;
};

const get = (connection: Connection, path: string, by: By = 'agent') => connection.call({ by, method: 'GET', path });

const Page = z.object({ items: z.array(z.unknown()), nextCursor: z.string().optional() });

/** The items of every page of a list. */
export const everything = async (connection: Connection, path: string, by?: By): Promise<unknown[]> => {
  const items: unknown[] = [];
  let cursor: string | undefined;
  do {
    const paging = `${path.includes('?') ? '&' : '?'}limit=100${cursor ? `&cursor=${encodeURIComponent(cursor)}` : ''}`;
    const page = Page.parse((await get(connection, `${path}${paging}`, by)).body);
    items.push(...page.items);
    cursor = page.nextCursor;
  } while (cursor);
  return items;
};
