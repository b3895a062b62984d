import {
  type CaseStatus,
  IN_PROGRESS,
  MERGED,
  type StatusModel,
  type StatusReason,
  statusModelOf,
} from '../cases/status-reasons.ts';
import { accept, type Decision, invalid, type Refusal, refuse } from '../refusal.ts';
import { deadEnds } from './dead-ends.ts';
import { warningsOf } from './warnings.ts';

/** The reasons as they are, and the graph if the organisation has drawn one. */
export interface StatusSettings {
  reasons: Readonly<Record<string, StatusReason>>;
  drawn?: StatusModel['transitions'];
}

/** Decides what a status reason becomes, by the whole set-up as it would then be; answers what to think about. */
export const saveReason = (
  id: string,
  reason: StatusReason,
  { reasons, drawn }: StatusSettings,
): Decision<string[], 'VALIDATION_FAILED' | 'IN_USE' | 'GRAPH_DEAD_END'> => {
  const before = Object.hasOwn(reasons, id) ? reasons[id] : undefined;
  if (before && before.status !== reason.status) {
    return invalid('status', `of ${id} stays ${before.status}: cases stand in it as such`);
  }
  const proposed = statusModelOf({ ...reasons, [id]: reason }, drawn);
  const refusal =
    whyNotSo(id, reason) ??
    whyNoReply(id, reason, proposed) ??
    (reason.enabled ? undefined : whyNotDisabled(id, reason.status, proposed)) ??
    whyDeadEnd(proposed);
  return refusal ?? accept(warningsOf(proposed));
};

const whyNotSo = (id: string, { status, isOnHold, enabled, onCustomerReply }: StatusReason) => {
  if (id === IN_PROGRESS && !enabled) return invalid('enabled', 'must be true: new cases start in it');
  if (id === IN_PROGRESS && isOnHold) return invalid('isOnHold', 'must be false: new cases start in it');
  if (id === MERGED && !enabled) return invalid('enabled', 'must be true: merged cases stand in it');
  if (status !== 'active' && isOnHold) return invalid('isOnHold', 'is for active reasons only');
  if (status !== 'active' && onCustomerReply) return invalid('onCustomerReply', 'is for active reasons only');
  return undefined;
};

const whyNoReply = (id: string, { onCustomerReply }: StatusReason, { reasons }: StatusModel) => {
  if (!onCustomerReply) return undefined;
  if (onCustomerReply === id) return invalid('onCustomerReply', 'must be another reason');
  const target = reasons[onCustomerReply];
  return target?.status === 'active' && target.enabled
    ? undefined
    : invalid('onCustomerReply', `there is no enabled active reason ${onCustomerReply}`);
};

/** Why a reason cannot go out of use, disabled or deleted; cases that stand in it are asked for elsewhere. */
export const whyNotDisabled = (
  id: string,
  status: CaseStatus,
  proposed: StatusModel,
): Refusal<'VALIDATION_FAILED' | 'IN_USE'> | undefined => {
  const others = Object.entries(proposed.reasons).filter(([other]) => other !== id);
  const replies = others.filter(([, { onCustomerReply }]) => onCustomerReply === id).map(([other]) => other);
  if (replies.length > 0) return refuse('IN_USE', `A customer's message moves cases there from ${replies.join(', ')}`);
  // A merged case is cancelled, but nobody can choose to cancel a case as merged.
  const isLast = !others.some(([other, each]) => other !== MERGED && each.status === status && each.enabled);
  return isLast ? invalid('enabled', `must be true: it is the last enabled reason of status ${status}`) : undefined;
};

/** Refuses a graph in which a case could get stuck, and names the reasons where it would. */
export const whyDeadEnd = (proposed: StatusModel): Refusal<'GRAPH_DEAD_END'> | undefined => {
  const reasons = deadEnds(proposed);
  return reasons.length > 0
    ? refuse('GRAPH_DEAD_END', `No way leads from ${reasons.join(', ')} to a closed case`, { reasons })
    : undefined;
};
