import { z } from 'zod';

/** The three statuses are fixed; an organisation's own words are status reasons within them. */
export const CaseStatus = z.enum(['active', 'resolved', 'cancelled']).meta({ id: 'CaseStatus' });
export type CaseStatus = z.infer<typeof CaseStatus>;

/** A status reason as a setting. While a case is in a reason that `isOnHold`, its pausable SLA clocks stand still. */
export interface StatusReason {
  status: CaseStatus;
  label: string;
  isOnHold: boolean;
  enabled: boolean;
  /** The active reason that a customer's message moves the case to (`docs/sla.md`, "A customer's message"). */
  onCustomerReply?: string;
}

/** Status reasons by id, and which reason may follow which; `allow` is used only while `enabled`. */
export interface StatusModel {
  reasons: Readonly<Record<string, StatusReason>>;
  transitions: { enabled: boolean; allow: Readonly<Record<string, readonly string[]>> };
}

/** The reason that `/cancel` never reaches: only a merge does. */
export const MERGED = 'merged';

/** Where a new and a reactivated case stand. */
export const IN_PROGRESS = 'inProgress';

const active = ['inProgress', 'onHold', 'waitingForDetails', 'researching'];
const closed = ['problemSolved', 'informationProvided', 'cancelled', MERGED];

/** What a fresh service has: every active case may go anywhere, closed ones may only be reactivated, merged ones stay. */
export const DEFAULT_STATUS_MODEL: StatusModel = {
  reasons: {
    inProgress: { status: 'active', label: 'In Progress', isOnHold: false, enabled: true },
    onHold: { status: 'active', label: 'On Hold', isOnHold: true, enabled: true },
    waitingForDetails: {
      status: 'active',
      label: 'Waiting for Details',
      isOnHold: true,
      enabled: true,
      onCustomerReply: IN_PROGRESS,
    },
    researching: { status: 'active', label: 'Researching', isOnHold: false, enabled: true },
    problemSolved: { status: 'resolved', label: 'Problem Solved', isOnHold: false, enabled: true },
    informationProvided: { status: 'resolved', label: 'Information Provided', isOnHold: false, enabled: true },
    cancelled: { status: 'cancelled', label: 'Cancelled', isOnHold: false, enabled: true },
    merged: { status: 'cancelled', label: 'Merged', isOnHold: false, enabled: true },
  },
  transitions: {
    enabled: true,
    allow: {
      ...Object.fromEntries(active.map((from) => [from, [...active.filter((to) => to !== from), ...closed]])),
      problemSolved: [IN_PROGRESS],
      informationProvided: [IN_PROGRESS],
      cancelled: [IN_PROGRESS],
      merged: [],
    },
  },
};

/**
 * The enabled reasons that a case in `from` may go to: what the graph lists, or every other one while the graph is off.
 * A merged case goes nowhere by itself, whatever the graph says: unmerging is an action of its own.
 */
export const permittedTransitions = (model: StatusModel, from: string): string[] => {
  if (from === MERGED) return [];
  const targets = model.transitions.enabled ? (model.transitions.allow[from] ?? []) : Object.keys(model.reasons);
  return targets.filter((to) => to !== from && model.reasons[to]?.enabled === true);
};
