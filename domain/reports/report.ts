import { z } from 'zod';
import type { Team } from '../people/team.ts';
import type { ProcessFlow } from '../process/process-flow.ts';
import type { Subject } from '../settings/subject.ts';
import type { Cube } from './cell.ts';
import type { Period, Span } from './period.ts';
import { type Group, type Measures, type Row, type Sums, sumUp } from './sum.ts';

/** What reports look up besides their rows, as it is now. */
export interface ReportContext {
  subjects: ReadonlyMap<string, Subject>;
  teams: ReadonlyMap<string, Team>;
  flows: ReadonlyMap<string, ProcessFlow>;
  reasons: Readonly<Record<string, { label: string }>>;
  /** Of the articles that were used most. */
  titles: ReadonlyMap<string, string>;
}

/** What was counted for one key, by cube. */
export type Counted = Readonly<Partial<Record<Cube, Measures>>>;

/** One key of a report, its parts as they were told, with what was counted. */
export interface Keyed {
  key: readonly string[];
  counted: Counted;
}

/** An entry of a report. */
export type Entry = Record<string, unknown>;

/**
 * A report as data: which rows it reads, under which keys they count, and what is told of each key. `keysOf` may give a
 * row several keys, or none; what `isCounted` says makes up the totals, in which nothing counts twice.
 */
export interface Report {
  name: string;
  /** What its numbers mean, in a sentence or two; every answer carries it. */
  definition: string;
  cubes: readonly Cube[];
  /** The first one is the default. */
  groupBy: readonly string[];
  keysOf(row: { cube: Cube; dims: readonly string[] }, groupBy: string, context: ReportContext): (readonly string[])[];
  isCounted(row: { cube: Cube; dims: readonly string[] }, groupBy: string): boolean;
  /** The entries of all keys. */
  entriesOf(keyed: readonly Keyed[], groupBy: string, context: ReportContext): Entry[];
  totalsOf(counted: Counted, groupBy: string): Entry;
}

/** What a report says: of the whole period and, where an interval was asked for, of each of its parts. */
export interface Said {
  totals: Entry;
  items: Entry[];
  series?: (Span & { totals: Entry; items: Entry[] })[];
}

/** Makes a report out of the rows of its cubes. */
export const say = (
  report: Report,
  rows: ReadonlyMap<Cube, readonly Row[]>,
  period: Period,
  groupBy: string,
  context: ReportContext,
): Said => {
  const sums = report.cubes.map((cube) => {
    const of = rows.get(cube) ?? [];
    const keyed = sumUp(of, period, (dims) => report.keysOf({ cube, dims }, groupBy, context).map(textOf));
    const totals = sumUp(of, period, (dims) => (report.isCounted({ cube, dims }, groupBy) ? [TOTAL] : []));
    return { cube, keyed, totals };
  });
  const saying = (groupsOf: (sums: Sums) => readonly Group[]): { totals: Entry; items: Entry[] } => {
    const keyed = gathered(sums.map(({ cube, keyed: of }) => ({ cube, groups: groupsOf(of) })));
    const totals = gathered(sums.map(({ cube, totals: of }) => ({ cube, groups: groupsOf(of) })));
    const entries = [...keyed].map(([text, counted]) => ({ key: Key.parse(JSON.parse(text)), counted }));
    return {
      totals: report.totalsOf(totals.get(TOTAL) ?? {}, groupBy),
      items: report.entriesOf(entries, groupBy, context),
    };
  };
  const whole = saying(({ groups }) => groups);
  if (!period.interval) return whole;
  const series = period.parts.map((part, n) => ({ ...part, ...saying(({ parts }) => parts[n]?.groups ?? []) }));
  return { ...whole, series };
};

const Key = z.array(z.string());
const textOf = (key: readonly string[]): string => JSON.stringify(key);
const TOTAL = 'total';

const gathered = (sums: readonly { cube: Cube; groups: readonly Group[] }[]): Map<string, Counted> => {
  const byKey = new Map<string, Counted>();
  for (const { cube, groups } of sums) {
    for (const { key, measures } of groups) byKey.set(key, { ...byKey.get(key), [cube]: measures });
  }
  return byKey;
};

/** What stands for nothing among dimensions is told as nothing. */
export const named = (value: string | undefined): string | null => value || null;

/** A share of a whole with four digits, or nothing where there is no whole. */
export const share = (part: number, whole: number): number | null =>
  whole === 0 ? null : Math.round((part / whole) * 10_000) / 10_000;

/** One measure of a cube; what was never counted is nothing. */
export const count = (counted: Counted, measure: string, cube: Cube): number => counted[cube]?.[measure] ?? 0;

/**
 * The keys of a row that is counted by person and by queue (`['agent', <owner>]`, `['queue', <id>]`). A team is given what
 * its members have now and what it has itself.
 */
export const peopleKeys = (
  dims: readonly string[],
  groupBy: string,
  { teams }: ReportContext,
): (readonly string[])[] => {
  const [by = '', id = ''] = dims;
  if (groupBy !== 'team') return by === groupBy ? [[id]] : [];
  if (by !== 'agent') return [];
  const own = id.startsWith('team:') ? [[id.slice('team:'.length)]] : [];
  return [...own, ...[...teams].filter(([, { members }]) => members.includes(id)).map(([teamId]) => [teamId])];
};

/** Whether a row of a person or queue is in the totals: of each thing counted, one row is. */
export const isPeopleTotal = ([by]: readonly string[], groupBy: string): boolean =>
  by === (groupBy === 'queue' ? 'queue' : 'agent');
