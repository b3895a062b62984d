import type { Instant } from '../../domain/time.ts';
import type { Found } from '../replay/read-back.ts';
import type { ReplayedCase } from '../replay/run.ts';

/** A clock that runs. */
export interface Armed {
  replayed: ReplayedCase;
  kpi: string;
  generation: number;
  /** The warning that is still to come. */
  warnAt?: Instant;
  failAt: Instant;
}

/** The clocks that run, each with what is still to come of it. */
export const armedIn = (found: ReadonlyMap<ReplayedCase, Found>): Armed[] =>
  [...found].flatMap(([replayed, { kpis }]) =>
    kpis.flatMap(({ kpi, generation, status, warnAt, failAt }): Armed[] => {
      if (!failAt || (status !== 'inProgress' && status !== 'nearingNoncompliance')) return [];
      return [{ replayed, kpi, generation, failAt, ...(status === 'inProgress' && warnAt && { warnAt }) }];
    }),
  );

/** What became of the clocks that ran. */
export interface Timers {
  armed: number;
  fired: number;
  wrong: string[];
}

/** Whether each armed timer fired once, dated at the instant for which it was armed. */
export const firedOf = (armed: readonly Armed[], found: ReadonlyMap<ReplayedCase, Found>): Timers => {
  const timers: Timers = { armed: 0, fired: 0, wrong: [] };
  for (const { replayed, kpi, generation, warnAt, failAt } of armed) {
    const { entries = [], kpis = [] } = found.get(replayed) ?? {};
    for (const [action, dueAt] of [['sla.warning', warnAt] as const, ['sla.breached', failAt] as const]) {
      if (!dueAt) continue;
      timers.armed += 1;
      const fired = entries.filter(
        (entry) => entry.action === action && entry.post?.kpi === kpi && entry.post.generation === generation,
      );
      if (fired.length === 1 && fired[0]?.post?.dueAt === dueAt) timers.fired += 1;
      else timers.wrong.push(`${replayed.externalId} ${action} of ${kpi} due ${dueAt} fired ${fired.length} times`);
    }
    const after = kpis.find((one) => one.kpi === kpi && one.generation === generation);
    if (after?.status !== 'noncompliant')
      timers.wrong.push(`${replayed.externalId} ${kpi} is ${after?.status} after all`);
  }
  return timers;
};
