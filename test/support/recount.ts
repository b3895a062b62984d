import type { CaseFile } from '../../domain/cases/case-file.ts';
import type { CaseEvent } from '../../domain/facts/fact.ts';

/** A case as it is, and everything that happened to it. */
export interface Told {
  file: CaseFile;
  events: readonly CaseEvent[];
}

/** Numbers by name: what all reports together should say. */
export type Tallied = Record<string, number>;

/**
 * A second opinion on reports, as slow and plain as can be: somebody who reads every case's audit from its beginning and
 * makes a stroke for each thing that is counted.
 */
export const recountByHand = (cases: readonly Told[]): Tallied => {
  const tallied: Tallied = {};
  const stroke = (name: string, n = 1) => {
    tallied[name] = (tallied[name] ?? 0) + n;
  };

  for (const { file, events } of cases) {
    const { case: subject, kpis, placement } = file;
    stroke(`opened product ${subject.product ?? null}`);
    stroke(`opened origin ${subject.origin}`);

    const audit = [...events].sort((a, b) => a.caseVersion - b.caseVersion || (a.at < b.at ? -1 : 1));
    const had = new Set<string>();
    const receives = (who: string, whom: unknown) => {
      if (typeof whom !== 'string' || had.has(`${who} ${whom}`)) return;
      had.add(`${who} ${whom}`);
      stroke(`received ${who} ${whom}`);
    };
    let last: { who: string; reason: string } | undefined;
    for (const { fact, actor, ownerId, queueId } of audit) {
      const change = (name: string) => fact.changes?.find(({ field }) => field === name);
      if (fact.type === 'case.created') {
        receives('agent', ownerId);
        receives('queue', queueId);
        receives('agent', fact.receivedBy);
      }
      receives('agent', change('ownerId')?.new);
      receives('queue', change('queueId')?.new);
      if (fact.type === 'case.reactivated') {
        receives('queue', queueId);
        if (last) stroke(`reopened ${last.reason}`);
        last = undefined;
      }
      if (fact.type === 'case.resolved' || fact.type === 'case.cancelled') {
        stroke(`closed ${fact.statusReason}`);
        if (fact.type === 'case.resolved') stroke(`resolved by ${actor}`);
        last = fact.type === 'case.resolved' ? { who: actor, reason: fact.statusReason } : undefined;
      }
      if (fact.type === 'case.stageChanged' && fact.from) {
        stroke(`visits of ${fact.from}`);
        if (fact.minutes) stroke(`minutes in ${fact.from}`, fact.minutes);
      }
      if ('firstResponse' in fact && fact.firstResponse) {
        const isExcluded = audit.some(({ fact: first }) => first.type === 'case.created' && first.receivedBy);
        stroke(isExcluded ? `excluded ${actor}` : `responded ${actor}`);
      }
    }

    for (const kpi of new Set(kpis.map((one) => one.kpi))) {
      if (kpi === 'firstResponse' && subject.receivedBy) continue;
      const clocks = kpis.filter((one) => one.kpi === kpi).sort((a, b) => b.generation - a.generation);
      const counts = clocks.find(({ status }) => status !== 'cancelled') ?? clocks[0];
      const isOpen = counts?.status === 'inProgress' || counts?.status === 'nearingNoncompliance';
      stroke(`promised ${kpi} ${isOpen ? 'open' : counts?.status}`);
    }
    for (const { kpi, breachedAt } of kpis) {
      const isLeftOut = kpi === 'firstResponse' && subject.receivedBy;
      if (breachedAt && !isLeftOut) stroke(`breached ${kpi}`);
    }

    if (subject.status === 'active' && placement && placement.state !== 'left') {
      stroke(`waiting ${placement.state === 'queued' ? placement.queueId : null}`);
      if (!placement.workedBy) stroke(`unpicked ${placement.state === 'queued' ? placement.queueId : null}`);
    }
  }
  return tallied;
};
