import { z } from 'zod';
import type { Instant } from '../time.ts';

/** What is counted apart: each cube has rows of its own, with dimensions of its own (`docs/reports.md`). */
export const Cube = z.enum([
  'opened',
  'received',
  'responded',
  'closed',
  'promised',
  'superseded',
  'breached',
  'articles',
  'stages',
  'searches',
  'waiting',
]);
export type Cube = z.infer<typeof Cube>;

/** The day of what is not counted by time but as it is now. */
export const NOW = 'now';

/** Where something is counted: in a row for its dimensions and day (UTC), there in a quarter of an hour. */
export interface Cell {
  cube: Cube;
  day: string;
  /** 0–95. Every zone's day begins and ends at one of them, half-hour and quarter-hour zones included. */
  quarter: number;
  dims: readonly string[];
  measure: string;
}

/** How much is counted where; a case's counts are a few dozen at most. */
export type Counts = ReadonlyMap<string, number>;

const SEPARATOR = '|';

/** A cell as one text, which tells it from every other. */
export const cellText = ({ cube, day, quarter, measure, dims }: Cell): string =>
  [cube, day, String(quarter), measure, ...dims.map(encodeURIComponent)].join(SEPARATOR);

/** The cell of a text. */
export const cellOf = (text: string): Cell => {
  const [cube, day = '', quarter, measure = '', ...dims] = text.split(SEPARATOR);
  return { cube: Cube.parse(cube), day, quarter: Number(quarter), measure, dims: dims.map(decodeURIComponent) };
};

/** The day and quarter of an instant. */
export const timeOf = (at: Instant): Pick<Cell, 'day' | 'quarter'> => ({
  day: at.slice(0, 10),
  quarter: Number(at.slice(11, 13)) * 4 + Math.floor(Number(at.slice(14, 16)) / 15),
});

/** What must be added to `before` to make it `after`; what is equal is left out. */
export const difference = (before: Counts, after: Counts): Map<string, number> => {
  const changes = [...new Set([...before.keys(), ...after.keys()])]
    .map((text): [string, number] => [text, (after.get(text) ?? 0) - (before.get(text) ?? 0)])
    .filter(([, n]) => n !== 0);
  return new Map(changes);
};
