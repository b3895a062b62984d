import { z } from 'zod';
import type { Case } from '../cases/case.ts';
import type { CaseChange, Fence, Rules } from '../cases/case-file.ts';
import { closeCase } from '../cases/close-case.ts';
import { CreateCase } from '../cases/create-case.ts';
import { ResolveCase } from '../cases/resolve-case.ts';
import { CaseStatus, IN_PROGRESS, MERGED, type StatusModel } from '../cases/status-reasons.ts';
import { whyExhausted } from '../entitlements/draw.ts';
import { accept, type Decision, invalid, type Refusal } from '../refusal.ts';
import { Instant } from '../time.ts';

/** A case of another system, or of another Docket. What is left out is as for a new case, but history stays history. */
export const ImportCase = CreateCase.omit({ outbound: true })
  .extend({
    status: CaseStatus.default('active'),
    statusReason: z.string().min(1).max(64).optional().describe('Default: inProgress; needed of a resolved case'),
    resolvedOn: Instant.optional(),
    cancelledOn: Instant.optional(),
    resolution: ResolveCase.shape.resolution.optional(),
    resolvedBy: z.string().min(1).max(128).optional().describe('Default: who imports it'),
    billableMinutes: ResolveCase.shape.billableMinutes,
    parentExternalId: z.string().min(1).max(200).optional().describe('The parent by what other systems call it'),
    applySla: z.boolean().default(false),
    route: z.boolean().default(false),
    doNotDecrement: z.boolean().default(true),
  })
  .meta({ id: 'ImportCase' });
export type ImportCase = z.infer<typeof ImportCase>;

/** The creation that an imported case begins with. An SLA that is not to be applied need not exist here. */
export const creationOf = ({
  status: _status,
  statusReason: _reason,
  resolvedOn: _resolvedOn,
  cancelledOn: _cancelledOn,
  resolution: _resolution,
  resolvedBy: _by,
  billableMinutes: _minutes,
  parentExternalId: _parent,
  slaId,
  ...command
}: ImportCase): CreateCase => ({ ...command, ...(command.applySla && slaId && { slaId }) });

/** Why a row cannot be what it says, before anything is looked up. */
export const whyNotImported = (row: ImportCase, statusModel: StatusModel, now: Instant): Refusal | undefined => {
  const { status, statusReason, resolution, createdOn, applySla } = row;
  if (status !== 'active' && !createdOn) return invalid('createdOn', `is required of a ${status} case`);
  if (status === 'resolved' && !resolution) return invalid('resolution', 'is required of a resolved case');
  if (status === 'resolved' && !statusReason) return invalid('statusReason', 'is required of a resolved case');
  const reason = statusReason ? statusModel.reasons[statusReason] : undefined;
  if (statusReason === MERGED || (statusReason && reason?.status !== status)) {
    return invalid('statusReason', `there is no reason ${statusReason} of status ${status} that can be imported`);
  }
  if (status === 'active' && applySla && statusReason && statusReason !== IN_PROGRESS) {
    return invalid('statusReason', 'a case whose clocks start now is in progress');
  }
  if (status === 'active') return undefined;
  const field = status === 'resolved' ? 'resolvedOn' : 'cancelledOn';
  const closedOn = row[field];
  if (!closedOn) return invalid(field, `is required of a ${status} case`);
  if (closedOn > now) return invalid(field, 'lies in the future');
  return createdOn && closedOn < createdOn ? invalid(field, 'lies before the case was created') : undefined;
};

/**
 * Decides what becomes of a creation that is imported: an active case stands in its reason, a closed one is created
 * closed, in one change. Nothing is asked of the transition graph: what has happened elsewhere is a fact.
 */
export const importCase = (
  row: ImportCase,
  created: CaseChange,
  { rules, by, now }: { rules: Rules; by: string; now: Instant },
): Decision<CaseChange> => {
  const { status, statusReason, resolvedOn = now, cancelledOn = now, resolution = '', billableMinutes } = row;
  if (status === 'active') return accept(statusReason ? standingIn(created, statusReason) : created);
  const common = { now, by, cause: 'import' };
  const closed = closeCase(
    created.after,
    status === 'resolved'
      ? {
          ...common,
          status,
          statusReason: statusReason ?? '',
          occurredAt: resolvedOn,
          by: row.resolvedBy ?? by,
          resolution,
          billableMinutes,
        }
      : { ...common, status, statusReason: statusReason ?? 'cancelled', occurredAt: cancelledOn },
    rules,
  );
  const change: CaseChange = {
    after: { ...closed.after, case: { ...closed.after.case, version: 1 } },
    facts: [...created.facts, ...closed.facts],
    ...(created.links && { links: created.links }),
    fences: (created.fences ?? []).map(closedChild),
    draws: [...(created.draws ?? []), ...(closed.draws ?? [])],
  };
  return whyExhausted(change) ?? accept(change);
};

/** A child that arrives closed never counts as active. */
const closedChild = (fence: Fence): Fence => (fence.type === 'childOpens' ? { ...fence, childIsActive: false } : fence);

const standingIn = (created: CaseChange, statusReason: Case['statusReason']): CaseChange => ({
  ...created,
  after: { ...created.after, case: { ...created.after.case, statusReason } },
});
