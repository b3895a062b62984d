import type { CaseChange, CaseFile } from '../cases/case-file.ts';
import { accept, type Decision, refuse } from '../refusal.ts';
import type { Instant } from '../time.ts';

/**
 * Decides that a cascade which ended `partial` takes up the children that it could not close, in another round. One that
 * still runs or has closed all of them is left as it is; one that a reactivation stopped is not taken up.
 */
export const resumeCascade = (parent: CaseFile, now: Instant): Decision<CaseChange> => {
  const { family, case: subject } = parent;
  const { cascade } = family;
  if (!cascade || cascade.state === 'stopped') {
    return refuse('NOT_FOUND', `${subject.caseNumber} has no cascade to take up`);
  }
  if (cascade.state !== 'partial') return accept({ before: parent, after: parent, facts: [] });
  const { cursor: _end, ...rest } = cascade;
  const round = cascade.round + 1;
  return accept({
    before: parent,
    after: {
      ...parent,
      family: { ...family, cascade: { ...rest, round, state: 'running', failed: 0, progressAt: now } },
    },
    facts: [{ type: 'case.cascadeResumed', occurredAt: now, cascadeId: cascade.id, round, failed: cascade.failed }],
  });
};
