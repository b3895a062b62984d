import type { Case } from '../cases/case.ts';
import type { Rules, Versioned } from '../cases/case-file.ts';
import { caseLookup } from '../cases/case-lookup.ts';
import { evaluate, type Lookup } from '../conditions/condition.ts';
import { isBlank } from '../custom-fields/values.ts';
import type { Fact } from '../facts/fact.ts';
import { businessTimeBetween } from '../sla/business-time.ts';
import { type Instant, MINUTE, toMs } from '../time.ts';
import { type Process, presentVisit, type StageVisit } from './process.ts';
import type { ProcessFlow, Stage, Step } from './process-flow.ts';

/** A case that has come to a stage or gone from one, and what is to be told of it. */
export interface Moved<Subject extends Case = Case> {
  case: Subject;
  facts: Fact[];
}

/** The flow for a case: of those that are enabled, by their order, the first whose condition holds. */
export const chooseFlow = (
  flows: readonly Versioned<ProcessFlow>[],
  lookup: Lookup,
): Versioned<ProcessFlow> | undefined =>
  flows
    .filter(({ document }) => document.enabled)
    .sort((a, b) => a.document.order - b.document.order || (a.id < b.id ? -1 : 1))
    .find(({ document: { when } }) => !when || evaluate(when, lookup).matched);

/** What stands between a case and the next stage. */
export type Missing = Step & { stage: string };

/** The steps of a stage that are not done. */
export const missingIn = ({ id, steps }: Stage, subject: Case, checks: readonly string[]): Missing[] => {
  const lookup = caseLookup(subject, undefined);
  return steps
    .filter((step) => ('check' in step ? !checks.includes(step.check) : isBlank(lookup(step.field))))
    .map((step) => ({ stage: id, ...step }));
};

/** A new case begins the flow that is for it, in its first stage. */
export const beginFlow = <Subject extends Case>(
  subject: Subject,
  flow: Versioned<ProcessFlow> | undefined,
  at: Instant,
): Moved<Subject> => {
  const [first] = flow?.document.stages ?? [];
  if (!flow || !first) return { case: subject, facts: [] };
  const process: Process = { flowId: flow.id, flowVersion: flow.version, checks: [], visits: [] };
  return moveTo({ ...subject, process }, first.id, { at });
};

/**
 * Ends the present visit, if there is one, and begins one of `stage`, if one is given. The end is never before the
 * beginning: a closing may be dated earlier than what happened last.
 */
export const moveTo = <Subject extends Case>(
  subject: Subject,
  stage: string | undefined,
  { at, rules }: { at: Instant; rules?: Pick<Rules, 'flow' | 'calendar'> },
): Moved<Subject> => {
  const { process } = subject;
  const present = presentVisit(process);
  if (!process || (!present && !stage)) return { case: subject, facts: [] };
  const left = present && ended(present, at > present.enteredAt ? at : present.enteredAt, rules);
  const visits = [...(left ? [...process.visits.slice(0, -1), left] : process.visits)];
  if (stage) visits.push({ stage, enteredAt: left?.leftAt ?? at });
  const { flowId, flowVersion } = process;
  return {
    case: { ...subject, stage, process: { ...process, visits } },
    facts: [
      {
        type: 'case.stageChanged',
        occurredAt: left?.leftAt ?? at,
        flowId,
        flowVersion,
        ...(left && { from: left.stage, minutes: left.minutes, businessMinutes: left.businessMinutes }),
        ...(stage && { to: stage }),
        changes: [{ field: 'stage', old: left?.stage, new: stage }],
      },
    ],
  };
};

const ended = (visit: StageVisit, leftAt: Instant, rules: Pick<Rules, 'flow' | 'calendar'> | undefined): StageVisit => {
  const calendarId = rules?.flow?.document.calendarId;
  const calendar = calendarId ? rules?.calendar(calendarId)?.document : undefined;
  const [from, to] = [toMs(visit.enteredAt), toMs(leftAt)];
  return {
    ...visit,
    leftAt,
    minutes: Math.floor((to - from) / MINUTE),
    businessMinutes: Math.floor(businessTimeBetween(calendar, from, to) / MINUTE),
  };
};

/** A case that is worked on again is in the stage again in which it was closed. */
export const reenter = <Subject extends Case>(subject: Subject, at: Instant): Moved<Subject> =>
  moveTo(subject, subject.process?.visits.at(-1)?.stage, { at });
