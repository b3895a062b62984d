import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { rowsOf } from '../../../infra/local/file-rows.ts';

const folder = mkdtempSync(join(tmpdir(), 'docket-rows-'));
afterAll(() => rmSync(folder, { recursive: true }));

const read = async (text: string): Promise<unknown[]> => {
  const file = join(folder, 'rows.jsonl');
  writeFileSync(file, text);
  const rows: unknown[] = [];
  for await (const { values, problem } of rowsOf(file, 'jsonl')) rows.push(problem ?? values);
  return rows;
};

describe('a file of JSON Lines', () => {
  it('has a row a line, whichever line ends of other kinds stand in its texts', async () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom('\u2028', 'a\u2029b', '\u0085', '\r', 'x'.repeat(70_000)),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(text), fc.constantFrom('\n', '\r\n'), fc.boolean(), async (texts, end, isEnded) => {
        const rows = texts.map((title) => ({ title: title.toWellFormed() }));
        const whole = rows.map((row) => JSON.stringify(row)).join(end);
        expect(await read(isEnded ? `${whole}${end}` : whole)).toEqual(rows);
      }),
    );
  });

  it('tells of a line that is no object, and goes on behind it', async () => {
    expect(await read('{"title": "a"}\n\n[1]\n{"title":\n{"title": "b"}')).toEqual([
      { title: 'a' },
      'is not an object of JSON',
      'is not an object of JSON',
      { title: 'b' },
    ]);
  });
});
