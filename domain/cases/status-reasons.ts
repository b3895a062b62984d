import { z } from 'zod';

/** The three statuses are fixed; an organisation's own words are status reasons within them. */
export const CaseStatus = z.enum(['active', 'resolved', 'cancelled']).meta({ id: 'CaseStatus' });
export type CaseStatus = z.infer<typeof CaseStatus>;

/** A reason's id: one word or words with dashes; `unused` is the name of the report beside the reasons. */
export const ReasonId = z
  .string()
  .regex(/^[a-z][A-Za-z0-9-]{0,62}$/, 'a small letter, then letters, digits and dashes')
  .refine((id) => id !== 'unused', 'is the name of a report')
  .meta({ id: 'ReasonId', examples: ['waitingForDetails'] });

/** A status reason as a setting. While a case is in a reason that `isOnHold`, its pausable SLA clocks stand still. */
export const StatusReason = z
  .strictObject({
    status: CaseStatus.describe('Fixed once the reason exists'),
    label: z.string().trim().min(1).max(100),
    isOnHold: z
      .boolean()
      .default(false)
      .describe('Whether clocks pause while a case stands in it; active reasons only'),
    enabled: z.boolean().default(true).describe('Whether cases may move to it'),
    onCustomerReply: ReasonId.optional().describe('The active reason that a customer’s message moves the case to'),
  })
  .meta({ id: 'StatusReason' });
export type StatusReason = z.infer<typeof StatusReason>;

/** Which reason may follow which; `allow` is kept but not applied while the graph is not `enabled`. */
export const Transitions = z
  .strictObject({
    enabled: z.boolean(),
    allow: z.record(ReasonId, z.array(ReasonId).max(200)).describe('From each reason to those that may follow it'),
  })
  .meta({ id: 'Transitions' });
export type Transitions = z.infer<typeof Transitions>;

/** Status reasons by id, and the graph between them. */
export interface StatusModel {
  reasons: Readonly<Record<string, StatusReason>>;
  transitions: { enabled: boolean; allow: Readonly<Record<string, readonly string[]>> };
}

/** Whether a case's reason holds its clocks, where no condition says otherwise. */
export const isOnHold = (
  { statusReason }: { statusReason: string },
  { statusModel }: { statusModel: StatusModel },
): boolean => statusModel.reasons[statusReason]?.isOnHold === true;

/** The reason that `/cancel` never reaches: only a merge does. */
export const MERGED = 'merged';

/** Where a new and a reactivated case stand. */
export const IN_PROGRESS = 'inProgress';

/** What a fresh service has. They can be disabled, but never be deleted: Docket's own rules name them. */
export const BUILT_IN_REASONS: Readonly<Record<string, StatusReason>> = {
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
};

export const isBuiltIn = (reasonId: string): boolean => Object.hasOwn(BUILT_IN_REASONS, reasonId);

/**
 * The reasons with their graph. Until an organisation has drawn a graph of its own the rule holds that it would start
 * from, for reasons that it adds as well: an active case may go anywhere, a closed one may only be reactivated, and a
 * merged one stays.
 */
export const statusModelOf = (
  reasons: Readonly<Record<string, StatusReason>>,
  drawn?: StatusModel['transitions'],
): StatusModel => {
  // Built-in ones first and in their own order, changed or not.
  const all = withoutPrototype({ ...BUILT_IN_REASONS, ...reasons });
  return {
    reasons: all,
    transitions: drawn ? { ...drawn, allow: withoutPrototype(drawn.allow) } : defaultTransitions(all),
  };
};

const defaultTransitions = (reasons: Readonly<Record<string, StatusReason>>): Transitions => {
  const ids = Object.keys(reasons);
  const mayFollow = (from: string, to: string): boolean =>
    from !== to && from !== MERGED && (reasons[from]?.status === 'active' || to === IN_PROGRESS);
  return {
    enabled: true,
    allow: withoutPrototype(Object.fromEntries(ids.map((from) => [from, ids.filter((to) => mayFollow(from, to))]))),
  };
};

/** A reason may be called `constructor`: what is looked up by id must not be found on `Object`. */
const withoutPrototype = <Value>(record: Readonly<Record<string, Value>>): Record<string, Value> =>
  Object.assign(Object.create(null), record);

/** What a fresh service goes by. */
export const DEFAULT_STATUS_MODEL: StatusModel = statusModelOf(BUILT_IN_REASONS);

/**
 * The enabled reasons that a case in `from` may go to: what the graph lists, or every other one while the graph is off.
 * A closed case goes back to the beginning or stays; a merged one goes nowhere by itself, whatever the graph says:
 * unmerging is an action of its own.
 */
export const permittedTransitions = (model: StatusModel, from: string): string[] => {
  if (from === MERGED) return [];
  const targets = model.transitions.enabled ? (model.transitions.allow[from] ?? []) : Object.keys(model.reasons);
  const status = model.reasons[from]?.status ?? 'active';
  return [...new Set(targets)].filter(
    (to) => to !== from && model.reasons[to]?.enabled === true && (status === 'active' || to === IN_PROGRESS),
  );
};
