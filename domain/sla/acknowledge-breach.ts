import { z } from 'zod';
import { Slug } from '../cases/case.ts';
import type { CaseChange, CaseFile } from '../cases/case-file.ts';
import { accept, type Decision, refuse } from '../refusal.ts';
import type { Instant } from '../time.ts';
import { about } from './kpi-change.ts';
import { settleKpi } from './settle-kpi.ts';

/** The body with which somebody answers for a breach. */
export const AcknowledgeBreach = z
  .strictObject({
    reasonCode: Slug.describe('The organisation’s own word for the cause'),
    note: z.string().trim().min(1).max(8_000).optional(),
  })
  .meta({ id: 'AcknowledgeBreach' });
export type AcknowledgeBreach = z.infer<typeof AcknowledgeBreach>;

/**
 * Decides that somebody answers for the last breach of a KPI, on a case that is open or closed. Answering again corrects
 * the answer; the audit keeps both. A breach that is due is committed first.
 */
export const acknowledgeBreach = (
  file: CaseFile,
  kpi: string,
  { reasonCode, note }: AcknowledgeBreach,
  { by, now }: { by: string; now: Instant },
): Decision<CaseChange> => {
  const { case: subject } = file;
  if (subject.status === 'cancelled' && subject.mergedInto) {
    return refuse('CASE_NOT_ACTIVE', `${subject.caseNumber} is merged`);
  }
  const settled = file.kpis.map((instance) => settleKpi(instance, now));
  const clocks = settled.map(({ instance }) => instance);
  const breached = clocks
    .filter((instance) => instance.kpi === kpi && instance.breachedAt)
    .sort((a, b) => b.generation - a.generation)[0];
  if (!breached) return refuse('NOT_FOUND', `${subject.caseNumber} has no breach of ${kpi}`);
  const before = breached.acknowledgement;
  if (before?.reasonCode === reasonCode && before.note === note)
    return accept({ before: file, after: file, facts: [] });
  const answered = {
    ...breached,
    acknowledgement: { reasonCode, ...(note && { note }), by, at: now },
    revision: breached.revision + 1,
  };
  return accept({
    before: file,
    after: { ...file, kpis: clocks.map((instance) => (instance === breached ? answered : instance)) },
    facts: [
      ...settled.flatMap(({ facts }) => facts),
      {
        type: 'sla.acknowledged',
        occurredAt: now,
        ...about(breached),
        reasonCode,
        ...(note && { note }),
        changes: [{ field: `${kpi}.reasonCode`, old: before?.reasonCode, new: reasonCode }],
      },
    ],
  });
};
