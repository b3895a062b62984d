import { permittedTransitions, type StatusModel } from '../cases/status-reasons.ts';

/**
 * The enabled active reasons from which no path leads to an enabled reason of another status: a case that came there
 * could never be closed. While the graph is off there are none.
 */
export const deadEnds = (model: StatusModel): string[] =>
  Object.entries(model.reasons)
    .filter(([id, { status, enabled }]) => status === 'active' && enabled && !leadsOut(model, id))
    .map(([id]) => id);

/** Whether a case in `from` can be closed at all, by whatever way. */
export const leadsOut = (model: StatusModel, from: string): boolean => {
  const seen = new Set([from]);
  // A set that grows while it is walked is walked to its new end.
  for (const reason of seen) {
    for (const next of permittedTransitions(model, reason)) {
      if (model.reasons[next]?.status !== 'active') return true;
      seen.add(next);
    }
  }
  return false;
};
