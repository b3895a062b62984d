import type { Case } from '../cases/case.ts';
import type { CaseFile, Rules } from '../cases/case-file.ts';
import { type Clocks, calendarBy, each, inTurn, isOpen } from '../sla/clocks.ts';
import { isOfFlow, type KpiInstance, type KpiTerms, slaIdOfFlow } from '../sla/kpi-instance.ts';
import { isHeld, type Seen } from '../sla/promised-items.ts';
import { startKpi } from '../sla/start-kpi.ts';
import { succeedKpi } from '../sla/succeed-kpi.ts';
import type { Instant } from '../time.ts';
import { presentVisit, type StageVisit } from './process.ts';
import { kpiOf } from './process-flow.ts';

/**
 * The clocks of a file whose case has moved in its flow: that of the visit which has ended is met then, late if it must
 * be, and a stage that says how long it may take starts one. Each visit has a generation of its own, with all the time.
 */
export const stageClocks = (
  before: Case | undefined,
  after: Seen & Pick<CaseFile, 'kpis'>,
  rules: Rules,
  now: Instant,
): Clocks => {
  const [was, is] = [presentVisit(before?.process), presentVisit(after.case.process)];
  if (was?.enteredAt === is?.enteredAt && was?.stage === is?.stage) return { kpis: after.kpis, facts: [] };
  const leftAt = was && after.case.process?.visits[(before?.process?.visits.length ?? 0) - 1]?.leftAt;
  return inTurn(
    after,
    ({ kpis }) => (leftAt ? met({ kpis }, rules, leftAt, now) : { kpis, facts: [] }),
    ({ kpis }) => (is ? started({ ...after, kpis }, is, rules, now) : { kpis, facts: [] }),
  );
};

const met = (clocked: Pick<CaseFile, 'kpis'>, rules: Rules, leftAt: Instant, now: Instant): Clocks =>
  each(clocked, rules, (instance, calendar) =>
    isOfFlow(instance) && isOpen(instance) ? succeedKpi(instance, calendar, leftAt, now) : undefined,
  );

const started = (
  file: Seen & Pick<CaseFile, 'kpis'>,
  { stage, enteredAt }: StageVisit,
  rules: Rules,
  now: Instant,
): Clocks => {
  const terms = termsOfStage(stage, rules);
  if (!terms) return { kpis: file.kpis, facts: [] };
  const { caseId } = file.case;
  const { instance, facts } = startKpi(terms, calendarBy(rules, terms.calendarId)?.document, now, {
    caseId,
    generation: generationOf(file.kpis, terms.kpi),
    startedAt: enteredAt,
    onHold: isHeld(terms.kpi, undefined, file, rules),
    cause: `stage ${stage}`,
  });
  return { kpis: [...file.kpis, instance], facts };
};

const generationOf = (kpis: readonly KpiInstance[], kpi: string): number =>
  1 + Math.max(0, ...kpis.filter((one) => one.kpi === kpi).map(({ generation }) => generation));

const termsOfStage = (stageId: string, rules: Rules): KpiTerms | undefined => {
  const { flow } = rules;
  const stage = flow?.document.stages.find(({ id }) => id === stageId);
  if (!flow || !stage?.maxMinutes) return undefined;
  const calendar = calendarBy(rules, flow.document.calendarId);
  return {
    kpi: kpiOf(stage.id),
    slaId: slaIdOfFlow(flow.id),
    slaVersion: flow.version,
    itemId: stage.id,
    calendarId: calendar?.id,
    calendarVersion: calendar?.version,
    targetMinutes: stage.maxMinutes,
    warnMinutes: stage.warnMinutes,
    allowPause: stage.allowPause,
    // Whoever comes to a stage again begins another visit, also when the case is worked on again.
    onReopen: 'keep',
  };
};
