import type { Checked } from './check.ts';
import type { Recounted } from './check-clocks.ts';
import type { Counts } from './connection.ts';
import type { Found } from './read-back.ts';
import type { Rows } from './rows.ts';
import type { Replayed, ReplayedCase, Sent } from './run.ts';

export interface Reported {
  title: string;
  rows: Rows;
  replayed: Replayed;
  found: ReadonlyMap<ReplayedCase, Found>;
  checked: Checked;
  recounted: Recounted;
  counts: Counts;
  seconds: number;
}

/** Whether nothing that was acknowledged is missing, doubled or otherwise. */
export const isSound = ({ findings }: Checked): boolean => findings.length === 0;

/** The end of a run, for people. */
export const reportOf = (run: Reported): string =>
  [
    heading(run.title),
    ...rowsPart(run),
    heading('Cases by final status'),
    ...table([...tally([...run.found.values()], ({ view }) => `${view.status}, ${view.statusReason}`)]),
    heading('Cases by last queue'),
    ...queuesPart(run),
    heading('SLA: the latest clock of each case, by KPI and priority'),
    ...slaPart(run),
    heading('Warnings and breaches fired'),
    ...alarmsPart(run.checked),
    heading('Clocks, recounted from the log by a script that knows nothing of the service'),
    ...table([
      ['clocks compared', run.recounted.compared],
      ['as recounted', run.recounted.compared - run.recounted.findings.length],
    ]),
    heading('Requests refused'),
    ...refusedPart(run.replayed),
    heading('In the log, and not in the API'),
    ...table([...run.replayed.leftOut]),
    heading('Acknowledged changes, read back from the cases and their audits'),
    ...findingsPart(run.checked),
    heading('Where the time went'),
    ...timePart(run),
    '',
  ].join('\n');

const heading = (text: string): string => `\n${text}\n${'─'.repeat(text.length)}`;

type Cell = string | number;

/** Columns as wide as they need to be; numbers to the right. */
const table = (rows: readonly (readonly Cell[])[], none = 'none'): string[] => {
  if (rows.length === 0) return [none];
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => String(row[column] ?? '').length)));
  return rows.map((row) =>
    row
      .map((cell, column) =>
        typeof cell === 'number' ? String(cell).padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0),
      )
      .join('  ')
      .trimEnd(),
  );
};

/** How many things have each name, the most frequent first. */
const tally = <Thing>(things: readonly Thing[], nameOf: (thing: Thing) => string): Map<string, number> => {
  const counts = new Map<string, number>();
  for (const thing of things) counts.set(nameOf(thing), (counts.get(nameOf(thing)) ?? 0) + 1);
  return new Map([...counts].sort(([a, n], [b, m]) => m - n || (a < b ? -1 : 1)));
};

const allSent = ({ cases }: Replayed): Sent[] => cases.flatMap(({ sent }) => sent);

const rowsPart = ({ rows: { rows, unreadable }, replayed }: Reported): string[] => {
  const closed = rows.filter(({ state }) => state === 'Closed').length;
  return [
    ...table([
      ['rows of the log', rows.length + unreadable.length],
      ['  left out: closed', closed],
      ['  left out: unreadable', unreadable.length],
      ['incidents', replayed.cases.filter(({ kind }) => kind === 'incident').length],
      ['problems (parent cases)', replayed.cases.filter(({ kind }) => kind === 'problem').length],
      ['children of problems', replayed.cases.reduce((sum, { children }) => sum + children, 0)],
      ['commands', allSent(replayed).length],
    ]),
    ...unreadable.map(({ line, problem }) => `  row ${line} is unreadable: ${problem}`),
  ];
};

const queuesPart = ({ found }: Reported): string[] => {
  const of = ({ entries, view }: Found): string =>
    view.queueId ??
    entries.filter(({ action }) => action === 'case.routed').at(-1)?.post?.queueId ??
    'given at opening';
  const all = [...found.values()];
  const count = (queue: string, status: string): number =>
    all.filter((one) => of(one) === queue && one.view.status === status).length;
  const rows = [...tally(all, of)].map(([queue, n]) => [queue, count(queue, 'active'), count(queue, 'resolved'), n]);
  return table([['queue', 'active', 'resolved', 'all'], ...rows]);
};

const STATUSES = ['succeeded', 'noncompliant', 'inProgress', 'nearingNoncompliance', 'paused', 'cancelled'] as const;

const slaPart = ({ found }: Reported): string[] => {
  const latest = [...found.values()].flatMap(({ view, kpis }) =>
    [...new Map([...kpis].sort((a, b) => a.generation - b.generation).map((one) => [one.kpi, one])).values()].map(
      (kpi) => ({ ...kpi, priority: view.priority }),
    ),
  );
  const rows = ['firstResponse', 'resolve'].flatMap((kpi) =>
    ['urgent', 'high', 'normal', 'low'].map((priority) => {
      const those = latest.filter((one) => one.kpi === kpi && one.priority === priority);
      const counts = STATUSES.map((status) => those.filter((one) => one.status === status).length);
      const [kept = 0, missed = 0] = counts;
      const share = kept + missed > 0 ? `${((100 * kept) / (kept + missed)).toFixed(1)} %` : '';
      return [kpi, priority, ...counts, share];
    }),
  );
  return table([['KPI', 'priority', ...STATUSES, 'compliance'], ...rows]);
};

const alarmsPart = ({ alarms }: Checked): string[] =>
  table([
    ...[...alarms.warnings].map(([kpi, n]) => [`warnings of ${kpi}`, n]),
    ...[...alarms.breaches].map(([kpi, n]) => [`breaches of ${kpi}`, n]),
    ['of these recorded later than due', alarms.late],
  ]);

const refusedPart = (replayed: Replayed): string[] => {
  const refused = allSent(replayed).flatMap(({ row, command, outcome }) =>
    outcome !== 'unsent' && !outcome.acknowledged
      ? [{ row, part: command.part, code: outcome.code, detail: outcome.detail ?? '' }]
      : [],
  );
  const unsent = allSent(replayed).filter(({ outcome }) => outcome === 'unsent');
  return [
    ...table([...tally(refused, ({ code }) => code)]),
    ...refused.map(
      ({ row, part, code, detail }) => `  row ${row.line} (${row.number}, ${row.at}) ${part}: ${code}, ${detail}`,
    ),
    ...(unsent.length > 0 ? [`${unsent.length} commands were not sent, because their case was refused:`] : []),
    ...unsent.map(({ row, command }) => `  row ${row.line} (${row.number}) ${command.part}`),
  ];
};

const findingsPart = ({ acknowledged, findings }: Checked): string[] => {
  const count = (kind: string): number => findings.filter((finding) => finding.kind === kind).length;
  return [
    ...table([
      ['acknowledged', acknowledged],
      ['missing', count('missing')],
      ['doubled', count('doubled')],
      ['there and never acknowledged', count('not acknowledged')],
      ['otherwise than acknowledged', count('different')],
    ]),
    ...findings.map(({ externalId, kind, what }) => `  ${externalId} ${kind}: ${what}`),
  ];
};

const timePart = ({ replayed: { spent }, counts, seconds }: Reported): string[] => [
  ...table([
    ['request', 'n', 'ms each', 's'],
    ...[...spent]
      .sort(([, a], [, b]) => b.ms - a.ms)
      .map(([what, { ms, n }]) => [what, n, (ms / n).toFixed(1).padStart(7), (ms / 1000).toFixed(1).padStart(6)]),
  ]),
  `${counts.requests} requests, ${counts.retries} of them sent again; ${seconds.toFixed(0)} s in all.`,
];
