import { z } from 'zod';
import { Instant } from '../time.ts';

/** A stay in a stage. How long it was is counted once, when it ends. */
export const StageVisit = z
  .object({
    stage: z.string(),
    enteredAt: Instant,
    leftAt: Instant.optional(),
    minutes: z.int().optional(),
    /** By the flow's calendar, as it was then. */
    businessMinutes: z.int().optional(),
  })
  .meta({ id: 'StageVisit' });
export type StageVisit = z.infer<typeof StageVisit>;

/** How far a case has come in a flow, of which it keeps the version. */
export const Process = z
  .object({
    flowId: z.string(),
    flowVersion: z.int(),
    /** What people have ticked off. */
    checks: z.array(z.string()),
    /** Every visit of a stage, the first one first. */
    visits: z.array(StageVisit),
  })
  .meta({ id: 'CaseProcess' });
export type Process = z.infer<typeof Process>;

/** The visit that lasts, if the case stands in a stage. */
export const presentVisit = (process: Process | undefined): StageVisit | undefined => {
  const last = process?.visits.at(-1);
  return last?.leftAt ? undefined : last;
};
