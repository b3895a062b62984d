import type { Cube } from './cell.ts';
import type { Row } from './sum.ts';

/** A sum that is not what a recount says. */
export interface Difference {
  cube: Cube;
  day: string;
  dims: readonly string[];
  measure: string;
  is: number;
  shouldBe: number;
}

/** Compares rows with those of a recount: each measure of each day and dimensions, quarter by quarter. */
export const compareRows = (cube: Cube, rows: readonly Row[], recounted: readonly Row[]): Difference[] => {
  const [is, shouldBe] = [sums(rows), sums(recounted)];
  return [...new Set([...is.keys(), ...shouldBe.keys()])].sort().flatMap((text) => {
    const [left, right] = [is.get(text), shouldBe.get(text)];
    const about = left ?? right;
    if (!about || (left?.quarters ?? NONE) === (right?.quarters ?? NONE)) return [];
    const { day, dims, measure } = about;
    return [{ cube, day, dims, measure, is: left?.n ?? 0, shouldBe: right?.n ?? 0 }];
  });
};

interface Sum {
  day: string;
  dims: readonly string[];
  measure: string;
  n: number;
  quarters: string;
}

const NONE = '';

const sums = (rows: readonly Row[]): Map<string, Sum> => {
  const byQuarter = new Map<string, Omit<Sum, 'n' | 'quarters'> & { cells: Map<number, number> }>();
  for (const { day, dims, cells } of rows) {
    for (const { measure, quarter, n } of cells) {
      const text = JSON.stringify([day, dims, measure]);
      const sum = byQuarter.get(text) ?? { day, dims, measure, cells: new Map<number, number>() };
      sum.cells.set(quarter, (sum.cells.get(quarter) ?? 0) + n);
      byQuarter.set(text, sum);
    }
  }
  return new Map(
    [...byQuarter].map(([text, { cells, ...about }]) => {
      const counted = [...cells].filter(([, n]) => n !== 0).sort(([a], [b]) => a - b);
      const n = counted.reduce((sum, [, one]) => sum + one, 0);
      return [text, { ...about, n, quarters: counted.join(' ') }];
    }),
  );
};
