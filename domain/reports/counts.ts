import { isCanary } from '../canary/canary.ts';
import type { CaseFile } from '../cases/case-file.ts';
import { latestGenerations } from '../sla/clocks.ts';
import type { KpiInstance, KpiStatus } from '../sla/kpi-instance.ts';
import { type Instant, MINUTE, toMs } from '../time.ts';
import { type Cell, type Counts, type Cube, cellText, NOW, timeOf } from './cell.ts';
import type { CaseStory } from './story.ts';

/** First responses are counted by how long they took: within so many minutes. */
export const RESPONSE_STEPS = [15, 60, 240, 480, 1440] as const;

/** Counts of one case, as they are added up. */
class Tally {
  readonly counts = new Map<string, number>();

  add(cube: Cube, at: Instant | typeof NOW, dims: readonly string[], measures: Record<string, number>): void {
    const time = at === NOW ? { day: NOW, quarter: 0 } : timeOf(at);
    for (const [measure, n] of Object.entries(measures)) {
      const cell: Cell = { cube, ...time, dims, measure };
      const text = cellText(cell);
      if (n !== 0) this.counts.set(text, (this.counts.get(text) ?? 0) + n);
    }
  }
}

/**
 * All that reports count of a case, from what it is and what it has been: a function of the facts and of nothing else.
 * Whoever counts a case anew adds the difference, so that however often it is done, the sums are those of a recount.
 */
export const countsOf = (told: CaseStory, file: CaseFile): Counts => {
  const tally = new Tally();
  if (isCanary(file.case)) return tally.counts;
  const story = withoutIdleReopenings(told);
  countOpening(tally, file);
  countReceipts(tally, story, file);
  countResponse(tally, story, file);
  countClosings(tally, story);
  countArticles(tally, story, file);
  countVisits(tally, file);
  countPromises(tally, story, file);
  countWaiting(tally, file);
  return tally.counts;
};

/** A case that is resolved as it was before has not been reopened, and was resolved once. */
const withoutIdleReopenings = ({ closings, reopenings, ...story }: CaseStory): CaseStory => ({
  ...story,
  closings: closings.filter(({ asBefore }) => !asBefore),
  reopenings: reopenings.filter(
    ({ version: reopened }) => !closings.find(({ version }) => version > reopened)?.asBefore,
  ),
});

/** Volumes: a case counts where it was opened, under what it is now. */
const countOpening = (tally: Tally, { case: subject }: CaseFile): void => {
  for (const field of ['subjectId', 'product', 'origin', 'priority', 'caseType'] as const) {
    tally.add('opened', subject.createdOn, [field, subject[field] ?? ''], { cases: 1 });
  }
};

/** A child that an agent opens is received by that agent, whosever it is. */
const countReceipts = (tally: Tally, { owners, queues }: CaseStory, { case: subject }: CaseFile): void => {
  const { receivedBy, createdOn } = subject;
  const all = receivedBy ? { ...owners, [receivedBy]: createdOn } : owners;
  for (const [ownerId, at] of Object.entries(all)) tally.add('received', at, ['agent', ownerId], { cases: 1 });
  for (const [queueId, at] of Object.entries(queues)) tally.add('received', at, ['queue', queueId], { cases: 1 });
};

const countResponse = (tally: Tally, { response }: CaseStory, { case: subject }: CaseFile): void => {
  if (!response) return;
  const minutes = Math.floor(Math.max(0, toMs(response.at) - toMs(subject.createdOn)) / MINUTE);
  const steps = RESPONSE_STEPS.filter((step) => minutes < step).map((step) => [`within${step}`, 1]);
  const measures = subject.excludedFromFirstResponse
    ? { excluded: 1 }
    : { cases: 1, minutes, ...Object.fromEntries(steps) };
  for (const dims of [
    ['agent', response.by],
    ['queue', response.queueId ?? ''],
    ['origin', subject.origin],
    ['priority', subject.priority],
  ]) {
    tally.add('responded', response.at, dims, measures);
  }
};

/** A resolution counts as reopened when the case became active again before it was closed once more. */
const countClosings = (tally: Tally, { closings, reopenings }: CaseStory): void => {
  for (const [n, { version, at, status, statusReason, by, queueId = '' }] of closings.entries()) {
    const next = closings[n + 1]?.version ?? Number.POSITIVE_INFINITY;
    const isReopened = reopenings.some((reopening) => reopening.version > version && reopening.version < next);
    const measures = { cases: 1, reopened: isReopened ? 1 : 0 };
    for (const dims of [
      ['all', ''],
      ['agent', by],
      ['queue', queueId],
    ]) {
      tally.add('closed', at, [...dims, status, statusReason], measures);
    }
  }
};

/** Articles count where they were linked and where they resolved; resolutions without one, under their subject. */
const countArticles = (tally: Tally, { articles, closings }: CaseStory, { case: subject }: CaseFile): void => {
  for (const [articleId, { at, linked }] of Object.entries(articles)) {
    if (linked) tally.add('articles', at, ['article', articleId], { linked: 1 });
  }
  for (const { at, status, articleId } of closings) {
    if (status !== 'resolved') continue;
    if (articleId) tally.add('articles', at, ['article', articleId], { resolved: 1 });
    const measures = { resolutions: 1, withArticle: articleId ? 1 : 0 };
    tally.add('articles', at, ['subject', subject.subjectId ?? ''], measures);
  }
};

/** A visit of a stage counts when it ends. */
const countVisits = (tally: Tally, { case: { process } }: CaseFile): void => {
  for (const { stage, leftAt, minutes = 0, businessMinutes = 0 } of process?.visits ?? []) {
    if (leftAt) tally.add('stages', leftAt, [process?.flowId ?? '', stage], { visits: 1, minutes, businessMinutes });
  }
};

const OUTCOMES: Record<KpiStatus, string> = {
  inProgress: 'open',
  nearingNoncompliance: 'open',
  paused: 'paused',
  succeeded: 'succeeded',
  noncompliant: 'noncompliant',
  cancelled: 'cancelled',
};

/**
 * Of each KPI the latest clock that is not cancelled counts, where the case was opened; clocks that it came after are
 * counted apart, where they ended. What is excluded from statistics is.
 */
const countPromises = (tally: Tally, { tier }: CaseStory, { case: subject, kpis: all }: CaseFile): void => {
  const kpis = all.filter(({ excludedFromStatistics }) => !excludedFromStatistics);
  const kept = kpis.filter(({ status }) => status !== 'cancelled');
  const counted = [...latestGenerations(kept)];
  const voided = latestGenerations(kpis).filter(({ kpi }) => !counted.some((one) => one.kpi === kpi));
  for (const { kpi, status, slaId } of [...counted, ...voided]) {
    const dims = [kpi, subject.priority, tier?.name ?? '', slaId];
    tally.add('promised', subject.createdOn, dims, { [OUTCOMES[status]]: 1 });
  }
  for (const instance of kept) {
    const end = endOf(instance);
    if (end && !counted.includes(instance))
      tally.add('superseded', end, [instance.kpi], { [OUTCOMES[instance.status]]: 1 });
  }
  for (const { kpi, breachedAt, acknowledgement } of kpis) {
    const cause = acknowledgement?.reasonCode ?? '';
    if (breachedAt) tally.add('breached', breachedAt, [kpi, cause, subject.priority], { clocks: 1 });
  }
};

const endOf = ({ status, succeededAt, breachedAt }: KpiInstance): Instant | undefined =>
  status === 'noncompliant' ? breachedAt : succeededAt;

/** What stands in queues now. */
const countWaiting = (tally: Tally, { case: subject, placement, kpis }: CaseFile): void => {
  if (subject.status !== 'active' || !placement || placement.state === 'left') return;
  const latest = latestGenerations(kpis).map(({ status }) => status);
  tally.add('waiting', NOW, [placement.state === 'queued' ? (placement.queueId ?? '') : ''], {
    cases: 1,
    unpicked: placement.workedBy ? 0 : 1,
    // Added up in minutes, it makes the average age at any time.
    since: Math.floor(toMs(placement.since) / MINUTE),
    atRisk: latest.includes('nearingNoncompliance') ? 1 : 0,
    breached: latest.includes('noncompliant') ? 1 : 0,
  });
};
