import { z } from 'zod';
import { BroadcastProgress } from '../../domain/broadcast/broadcast.ts';
import { CaseFields, CaseId, Priority, Resolution, SlaSource } from '../../domain/cases/case.ts';
import type { CaseFile, Rules } from '../../domain/cases/case-file.ts';
import { holdOf } from '../../domain/cases/hold.ts';
import { CaseStatus, permittedTransitions } from '../../domain/cases/status-reasons.ts';
import { Cascade } from '../../domain/hierarchy/family.ts';
import { isMoving, mergesOf, participantsOf } from '../../domain/merge/merges.ts';
import { mergedInto } from '../../domain/merge/survivor-of.ts';
import { Process } from '../../domain/process/process.ts';
import { latestGenerations } from '../../domain/sla/clocks.ts';
import { KpiStatus } from '../../domain/sla/kpi-instance.ts';
import { Instant } from '../../domain/time.ts';

/** A case as the API shows it. */
export const CaseView = z
  .object({
    ...CaseFields.shape,
    priority: Priority,
    caseId: CaseId,
    caseNumber: z.string(),
    referenceKey: z.string(),
    status: CaseStatus,
    statusReason: z.string(),
    permittedTransitions: z.array(z.string()),
    ownerId: z.string().optional(),
    queueId: z.string().optional(),
    workedBy: z.string().optional(),
    stage: z.string().optional().describe('Where an active case stands in its process flow'),
    process: Process.optional(),
    parentId: CaseId.optional(),
    excludedFromFirstResponse: z
      .boolean()
      .optional()
      .describe('A child that an agent opened: not in the statistics of first responses'),
    receivedBy: z.string().optional().describe('The agent for whom such a child counts as received'),
    childCount: z.int(),
    activeChildren: z.int(),
    cascade: Cascade.pick({ id: true, state: true, total: true, closed: true, skipped: true, failed: true }).optional(),
    broadcast: BroadcastProgress.optional().describe('The newest broadcast to its children'),
    mergedInto: CaseId.optional(),
    mergedCases: z.array(CaseId),
    mergeState: z.enum(['moving', 'done']).optional(),
    reopenCount: z.int(),
    resolution: Resolution.optional(),
    holdUntil: Instant.optional().describe('When a case that is on hold comes back by itself'),
    customerReplied: z.boolean(),
    firstRespondedOn: Instant.optional(),
    slaSource: SlaSource.optional(),
    sla: z.object({ nextDueAt: Instant.optional(), status: KpiStatus.optional() }),
    createdOn: Instant,
    createdBy: z.string(),
    modifiedOn: Instant,
    resolvedOn: Instant.optional(),
    erasedOn: Instant.optional().describe('Its texts were taken away, because its customer was to be forgotten'),
    version: z.int(),
  })
  .meta({ id: 'Case' });
export type CaseView = z.infer<typeof CaseView>;

/** The view of a file; it is also what a command answers, computed before its transaction is committed. */
export const viewCase = (file: CaseFile, { statusModel }: Pick<Rules, 'statusModel'>): CaseView => {
  const { case: subject, placement, family, activities } = file;
  const mergedCases = mergesOf(file).received.map(({ caseId }) => caseId);
  const participants = participantsOf(file);
  const queued = placement?.state === 'queued' ? placement : undefined;
  const nextDueAt = file.kpis
    .filter(({ runningSince }) => runningSince)
    .flatMap(({ failAt }) => failAt ?? [])
    .sort()[0];
  const status = worstFirst.find((one) => latestGenerations(file.kpis).some((kpi) => kpi.status === one));
  return CaseView.parse({
    ...subject,
    ...(participants.length > 0 && { participants }),
    mergedCases,
    mergeState: mergeStateOf(file, mergedCases),
    permittedTransitions: permittedTransitions(statusModel, subject.statusReason),
    ...(queued && { queueId: queued.queueId, workedBy: queued.workedBy }),
    childCount: family.childCount,
    activeChildren: family.activeChildren,
    cascade: family.cascade,
    holdUntil: holdOf(file, { statusModel })?.until,
    broadcast: family.broadcast,
    customerReplied: activities.customerReplied,
    firstRespondedOn: activities.firstRespondedOn,
    sla: { nextDueAt, status },
  });
};

/** `moving` while anything is on its way to or from the case, `done` once that has come to rest. */
const mergeStateOf = (file: CaseFile, mergedCases: readonly string[]): CaseView['mergeState'] => {
  if (isMoving(file)) return 'moving';
  return mergedCases.length > 0 || mergedInto(file.case) ? 'done' : undefined;
};

const worstFirst: readonly KpiStatus[] = [
  'noncompliant',
  'nearingNoncompliance',
  'inProgress',
  'paused',
  'succeeded',
  'cancelled',
];
