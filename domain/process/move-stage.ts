import { z } from 'zod';
import type { Case } from '../cases/case.ts';
import { type CaseChange, type CaseFile, type Rules, revised, type Versioned } from '../cases/case-file.ts';
import { caseLookup } from '../cases/case-lookup.ts';
import type { Customer } from '../customers/customer.ts';
import type { FieldChange } from '../facts/fact.ts';
import { accept, type Decision, invalid, type Refusal, refuse } from '../refusal.ts';
import { withClocks } from '../sla/follow-case.ts';
import type { Instant } from '../time.ts';
import { presentVisit } from './process.ts';
import { checksIn, type ProcessFlow, StageId } from './process-flow.ts';
import { stageClocks } from './stage-clocks.ts';
import { beginFlow, chooseFlow, type Missing, missingIn, moveTo } from './stages.ts';

/** The body of a step in a flow: what is ticked off, and then where the case goes. */
export const MoveStage = z
  .strictObject({
    stage: StageId.optional().describe('A later stage, if every step on the way is done, or an earlier one'),
    checks: z.record(StageId, z.boolean()).optional().describe('What has been done, or has not after all'),
  })
  .refine(({ stage, checks }) => stage !== undefined || checks !== undefined, 'expected a stage or checks')
  .meta({ id: 'MoveStage' });
export type MoveStage = z.infer<typeof MoveStage>;

export interface MoveContext {
  rules: Rules;
  /** For a case that has no flow yet: conditions of flows may look at them. */
  customer?: Customer;
  now: Instant;
}

/** Visits that a case keeps: more come of a machine that goes round in circles. */
const MAX_VISITS = 200;

/**
 * Decides a step: checks first, then the move. Forwards every stage on the way must be complete; back a case may go at
 * any time, and what was ticked off stays so. A case without a flow begins the one that is for it now.
 */
export const moveStage = (
  file: CaseFile,
  command: MoveStage,
  { rules, customer, now }: MoveContext,
): Decision<CaseChange> => {
  if (file.case.status !== 'active') {
    return refuse('CASE_NOT_ACTIVE', `${file.case.caseNumber} is ${file.case.status}`);
  }
  const flow = rules.flow ?? chooseFlow(rules.flows, caseLookup(file.case, customer));
  if (!flow) return invalid('stage', 'no process flow is for this case');
  const begun = presentVisit(file.case.process) ? { case: file.case, facts: [] } : beginFlow(file.case, flow, now);
  const ticked = withChecks(begun.case, flow, command.checks ?? {});
  if (!ticked.accepted) return ticked;

  const refusal = command.stage === undefined ? undefined : whyNotTo(ticked.value.case, flow, command.stage);
  if (refusal) return refusal;
  const isThere = command.stage === undefined || command.stage === ticked.value.case.stage;
  const moved = isThere
    ? { case: ticked.value.case, facts: [] }
    : moveTo(ticked.value.case, command.stage, { at: now, rules: { ...rules, flow } });
  const { changes } = ticked.value;
  const facts = [
    ...begun.facts,
    ...(changes.length > 0 ? [{ type: 'case.updated', occurredAt: now, changes } as const] : []),
    ...moved.facts,
  ];
  if (facts.length === 0) return accept({ before: file, after: file, facts: [] });
  const after: CaseFile = { ...file, case: { ...moved.case, ...revised(file.case, now) } };
  const clocks = stageClocks(file.case, after, { ...rules, flow }, now);
  return accept(withClocks({ before: file, after, facts }, clocks));
};

const withChecks = (
  subject: Case,
  flow: Versioned<ProcessFlow>,
  given: Readonly<Record<string, boolean>>,
): Decision<{ case: Case; changes: FieldChange[] }> => {
  const known = flow.document.stages.flatMap(checksIn);
  const other = Object.keys(given).find((check) => !known.includes(check));
  if (other !== undefined) return invalid(`checks.${other}`, `is no check of ${flow.id}`);
  const { process } = subject;
  const before = process?.checks ?? [];
  const checks = known.filter((check) => given[check] ?? before.includes(check));
  const changes = known
    .map((check) => ({ field: `checks.${check}`, old: before.includes(check), new: checks.includes(check) }))
    .filter((change) => change.old !== change.new);
  const after = process && changes.length > 0 ? { ...subject, process: { ...process, checks } } : subject;
  return accept({ case: after, changes });
};

const whyNotTo = (subject: Case, { id, document }: Versioned<ProcessFlow>, stage: string): Refusal | undefined => {
  const { stages } = document;
  const [from, to] = [subject.stage, stage].map((one) => stages.findIndex((each) => each.id === one));
  if (from === undefined || to === undefined || to < 0) return invalid('stage', `${id} has no stage ${stage}`);
  const { checks = [], visits = [] } = subject.process ?? {};
  if (visits.length >= MAX_VISITS) return invalid('stage', `a case has at most ${MAX_VISITS} visits of stages`);
  const missing: Missing[] = stages.slice(Math.max(0, from), to).flatMap((one) => missingIn(one, subject, checks));
  return missing.length > 0
    ? refuse('STAGE_INCOMPLETE', `Before ${stage}: ${missing.map(nameOf).join(', ')}`, { missing })
    : undefined;
};

const nameOf = (missing: Missing): string => missing.label ?? ('field' in missing ? missing.field : missing.check);
