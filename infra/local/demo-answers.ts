import { z } from 'zod';

/** What the demo looks at in the API's answers. */
export const Kpi = z.looseObject({
  kpi: z.string(),
  status: z.string(),
  warnAt: z.string().optional(),
  failAt: z.string().optional(),
  usedMinutes: z.number(),
  remainingMinutes: z.number(),
  segments: z.array(
    z.object({
      from: z.string(),
      to: z.string().optional(),
      kind: z.string(),
      businessMinutes: z.number(),
      cause: z.string(),
    }),
  ),
});
export const CaseAnswer = z.looseObject({
  caseId: z.string(),
  caseNumber: z.string(),
  title: z.string(),
  status: z.string(),
  statusReason: z.string(),
  queueId: z.string().optional(),
  sla: z.object({ status: z.string().optional() }),
  cascade: z.object({ state: z.string(), total: z.number(), closed: z.number() }).optional(),
});
export type CaseAnswer = z.infer<typeof CaseAnswer>;
export const Cases = z.object({ items: z.array(CaseAnswer) });
export const Entry = z.looseObject({
  kind: z.string(),
  type: z.string(),
  occurredAt: z.string(),
  queueId: z.string().optional(),
  because: z.string().optional(),
  kpi: z.string().optional(),
  failAt: z.string().optional(),
  to: z.union([z.string(), z.array(z.string())]).optional(),
  direction: z.string().optional(),
  body: z.string().optional(),
  resolution: z.string().optional(),
  changes: z.array(z.object({ field: z.string(), new: z.unknown() })).optional(),
});
export type Entry = z.infer<typeof Entry>;
export const Timeline = z.object({ items: z.array(Entry) });
export const Sla = z.object({ kpis: z.array(Kpi) });
export const CaseSettings = z.looseObject({ maxChildren: z.number() });
export type CaseSettings = z.infer<typeof CaseSettings>;
export type Kpi = z.infer<typeof Kpi>;
