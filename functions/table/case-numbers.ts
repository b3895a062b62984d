import { caseNumberCounterKey } from './keys.ts';
import type { Table } from './table.ts';

/** Numbers are taken in blocks, so that the counter is not written by every creation. */
const BLOCK = 100;

/**
 * Case numbers, unique over all functions. Each process takes a block at a time: numbers have gaps, and a later case
 * may have a smaller one.
 */
export const caseNumbers = (table: Table): (() => Promise<number>) => {
  let block: Promise<{ next: number; last: number }> | undefined;
  return async function take(): Promise<number> {
    block ??= table.increment(caseNumberCounterKey, 'last', BLOCK).then((last) => ({ next: last - BLOCK + 1, last }));
    const mine = block;
    try {
      const numbers = await mine;
      if (numbers.next <= numbers.last) return numbers.next++;
    } catch (error) {
      if (block === mine) block = undefined;
      throw error;
    }
    if (block === mine) block = undefined;
    return take();
  };
};
