import type { Cube } from '../../domain/reports/cell.ts';
import { type PeriodQuery, periodOf } from '../../domain/reports/period.ts';
import { type Report, type ReportContext, say } from '../../domain/reports/report.ts';
import { daysOf, type Measures, measuresOf, type Row } from '../../domain/reports/sum.ts';
import { type CaseSettings, DEFAULT_CASE_SETTINGS } from '../../domain/settings/case-settings.ts';
import { THE_CASE_SETTINGS } from '../../domain/settings/kinds.ts';
import type { Instant } from '../../domain/time.ts';
import type { Outcome, Request } from '../api/api.ts';
import type { Services } from '../services.ts';
import { sweepIndex, sweepShards } from '../table/keys.ts';
import { readRows, reportsHead, UNTOLD_GENERATION } from '../table/report-store.ts';
import type { Table } from '../table/table.ts';

export type ReportServices = Pick<Services, 'table' | 'settings' | 'articles' | 'now'>;

/**
 * Answers a report from the counts that the relay keeps. It reads the rows of its period: what that costs grows with the
 * days and the different things that were counted, not with the number of cases.
 */
export const readReport = async (
  services: ReportServices,
  report: Report,
  { query: { groupBy, ...query } }: Request<unknown, PeriodQuery & { groupBy: string }, unknown>,
): Promise<Outcome> => {
  const now = services.now();
  const decision = periodOf(query, { timeZone: (await organisation(services)).timeZone, now });
  if (!decision.accepted) return decision;
  const period = decision.value;
  // Before the rows: what is counted while they are read makes the answer newer than it says, never older.
  const asOf = await drainedUntil(services);
  const { active } = await reportsHead(services.table);
  const rows = await Promise.all(
    report.cubes.map(
      async (cube): Promise<CubeRows> => [
        cube,
        await readRows(services.table, cube === 'searches' ? UNTOLD_GENERATION : active, cube, daysOf(period)),
      ],
    ),
  );
  const said = say(report, new Map(rows), period, groupBy, await contextOf(services, rows));
  const { from, to, timeZone, interval } = period;
  const about = { report: report.name, definition: report.definition, asOf, from, to, timeZone, groupBy };
  return { accepted: true, body: { ...about, ...(interval && { interval }), ...said } };
};

const organisation = async ({ settings }: ReportServices): Promise<CaseSettings> =>
  (await settings.caseSettings.find(THE_CASE_SETTINGS))?.document ?? DEFAULT_CASE_SETTINGS;

const contextOf = async (services: ReportServices, rows: readonly CubeRows[]): Promise<ReportContext> => {
  const { settings } = services;
  const head = await settings.head();
  const [subjects, teams, flows, { reasons }, titles] = await Promise.all([
    settings.subjects.all(head),
    settings.teams.all(head),
    settings.processFlows.all(head),
    settings.statusModel(head),
    titlesIn(services, rows),
  ]);
  return {
    subjects: new Map(subjects.map(({ id, document }) => [id, document])),
    teams: new Map(teams.map(({ id, document }) => [id, document])),
    flows: new Map(flows.map(({ id, document }) => [id, document])),
    reasons,
    titles,
  };
};

type CubeRows = [Cube, Row[]];

/** Titles cost a read each, so the articles that were used least are told by id alone. */
const TITLES = 100;

const titlesIn = async ({ articles }: ReportServices, rows: readonly CubeRows[]): Promise<Map<string, string>> => {
  const used = rows
    .filter(([cube]) => cube === 'articles')
    .flatMap(([, some]) => some.filter(({ dims: [by] }) => by === 'article'));
  const most = [...measuresOf(used, ([, articleId = '']) => articleId)]
    .sort(([, a], [, b]) => useOf(b) - useOf(a))
    .slice(0, TITLES);
  const found = await Promise.all(most.map(([articleId]) => articles.find(articleId, { eventually: true })));
  return new Map(found.flatMap((article) => (article ? [[article.articleId, article.latest.title]] : [])));
};

const useOf = ({ linked = 0, resolved = 0 }: Measures): number => linked + resolved;

/** The instant up to which the read models hold every fact: that of the oldest one which they lack, or now. */
export const drainedUntil = async ({ table, now }: Pick<Services, 'table' | 'now'>): Promise<Instant> => {
  const at = now();
  const oldest = await oldestUnread(table);
  return oldest !== undefined && oldest < at ? oldest : at;
};

/** When the oldest fact was recorded that the read models lack, if they lack any. */
export const oldestUnread = async (table: Table): Promise<Instant | undefined> => {
  const index = sweepIndex('projection');
  const pages = await Promise.all(
    sweepShards('projection').map((partition) => table.page({ partition, index, limit: 1 })),
  );
  return pages.flatMap(({ items }) => items.map((item) => String(item[`GSI${index}SK`]))).sort()[0];
};
