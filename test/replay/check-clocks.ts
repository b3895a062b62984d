import type { Checked, Finding } from './check.ts';
import type { Found, Kpi } from './read-back.ts';
import { minuteOf, type RecountedClock } from './recount-sla.ts';
import type { ReplayedCase } from './run.ts';

/** How many clocks were held against the recount, and those that it has otherwise. */
export interface Recounted {
  compared: number;
  findings: Finding[];
}

/** Compares the latest clock of each KPI of each incident with what the log itself leads to. */
export const checkClocks = (
  recounted: ReadonlyMap<string, readonly RecountedClock[]>,
  found: ReadonlyMap<ReplayedCase, Found>,
): Recounted => {
  const result: Recounted = { compared: 0, findings: [] };
  for (const [{ externalId, kind }, { kpis }] of found) {
    if (kind !== 'incident') continue;
    for (const wanted of recounted.get(externalId) ?? []) {
      result.compared += 1;
      const latest = kpis.filter(({ kpi }) => kpi === wanted.kpi).sort((a, b) => b.generation - a.generation)[0];
      const [is, should] = [latest ? JSON.stringify(inMinutes(latest)) : 'not there', JSON.stringify(ordered(wanted))];
      if (is === should) continue;
      result.findings.push({
        externalId,
        kind: 'different',
        what: `${wanted.kpi} is ${is}, recounted it is ${should}`,
      });
    }
  }
  return result;
};

/** What was found by the recount belongs to what is wrong with a run. */
export const withFindings = (checked: Checked, { findings }: Recounted): Checked => ({
  ...checked,
  findings: [...checked.findings, ...findings],
});

const inMinutes = ({ kpi, generation, status, usedMinutes, ...at }: Kpi) => {
  const isDue = status === 'inProgress' || status === 'nearingNoncompliance' || status === 'noncompliant';
  const minute = (instant: string | undefined) => (instant === undefined ? undefined : minuteOf(instant));
  return ordered({
    kpi: kpi === 'firstResponse' ? kpi : 'resolve',
    generation,
    status,
    usedMinutes,
    warnedAt: minute(at.warnedAt),
    breachedAt: minute(at.breachedAt),
    succeededAt: minute(at.succeededAt),
    failAt: isDue ? minute(at.failAt) : undefined,
  });
};

const ordered = ({
  kpi,
  generation,
  status,
  usedMinutes,
  warnedAt,
  breachedAt,
  succeededAt,
  failAt,
}: Omit<RecountedClock, 'status'> & { status: string }) => ({
  kpi,
  generation,
  status,
  usedMinutes,
  warnedAt,
  breachedAt,
  succeededAt,
  failAt,
});
