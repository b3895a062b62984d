import { IN_PROGRESS, permittedTransitions, type StatusModel } from '../cases/status-reasons.ts';
import { leadsOut } from './dead-ends.ts';

/** More reasons than this are chosen from wrongly. */
export const MANY_REASONS = 20;

/** What is allowed and yet deserves a thought, as sentences for whoever sets it up. */
export const warningsOf = (model: StatusModel): string[] => {
  const reasons = Object.entries(model.reasons);
  const enabled = reasons.filter(([, reason]) => reason.enabled);
  const reached = new Set(reasons.flatMap(([id]) => permittedTransitions(model, id)));
  const unreached = enabled.map(([id]) => id).filter((id) => id !== IN_PROGRESS && !reached.has(id));
  const stuck = reasons
    .filter(([id, reason]) => reason.status === 'active' && !reason.enabled && !leadsOut(model, id))
    .map(([id]) => id);
  const unlisted = reasons.filter(
    ([id, { onCustomerReply }]) => onCustomerReply && !permittedTransitions(model, id).includes(onCustomerReply),
  );
  return [
    ...(enabled.length > MANY_REASONS
      ? [`${enabled.length} reasons are enabled; with more than ${MANY_REASONS} people choose wrongly.`]
      : []),
    ...unreached.map((id) => `No reason leads to ${id}.`),
    ...stuck.map((id) => `Cases that still stand in ${id}, which is disabled, cannot be closed.`),
    ...unlisted.map(
      ([id, { onCustomerReply }]) =>
        `A customer's message moves cases from ${id} to ${onCustomerReply}, which people may not do.`,
    ),
  ];
};
