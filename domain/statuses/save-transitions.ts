import { MERGED, type StatusReason, statusModelOf, type Transitions } from '../cases/status-reasons.ts';
import { accept, type Decision, invalid } from '../refusal.ts';
import { whyDeadEnd } from './save-reason.ts';
import { warningsOf } from './warnings.ts';

/** Decides whether a graph may hold for these reasons; answers what to think about. */
export const saveTransitions = (
  drawn: Transitions,
  reasons: Readonly<Record<string, StatusReason>>,
): Decision<string[], 'VALIDATION_FAILED' | 'GRAPH_DEAD_END'> => {
  const unknown = whyNotDrawn(drawn, reasons);
  if (unknown) return unknown;
  const proposed = statusModelOf(reasons, drawn);
  return whyDeadEnd(proposed) ?? accept(warningsOf(proposed));
};

/** Why a graph cannot be drawn between these reasons, wherever it leads. */
export const whyNotDrawn = ({ allow }: Transitions, reasons: Readonly<Record<string, StatusReason>>) => {
  for (const [from, targets] of Object.entries(allow)) {
    const unknown = [from, ...targets].find((id) => !Object.hasOwn(reasons, id));
    if (unknown) return invalid(`allow.${from}`, `there is no status reason ${unknown}`);
    if (from === MERGED && targets.length > 0) return invalid(`allow.${from}`, 'a merged case goes nowhere by itself');
  }
  return undefined;
};
