import { createHash } from 'node:crypto';
import { appendFileSync, existsSync, mkdirSync, readFileSync, truncateSync } from 'node:fs';
import { dirname } from 'node:path';
import { z } from 'zod';
import type { Instant } from '../../domain/time.ts';
import { ReplayProblem, type Row } from './rows.ts';

/** What became of a command: the service has acknowledged it, or refused it and why. */
export const Outcome = z.discriminatedUnion('acknowledged', [
  z.object({ acknowledged: z.literal(true), id: z.string().optional() }),
  z.object({ acknowledged: z.literal(false), status: z.number(), code: z.string(), detail: z.string().optional() }),
]);
export type Outcome = z.infer<typeof Outcome>;

const Line = z.union([z.object({ rows: z.string() }), z.object({ key: z.string(), at: z.string(), outcome: Outcome })]);

/** What has been answered so far, by key. A run that is started again asks for nothing twice. */
export interface Journal {
  get(key: string): Outcome | undefined;
  set(key: string, at: Instant, outcome: Outcome): void;
  readonly size: number;
  /** The latest instant of an answer: the service that gave it can show no earlier one. */
  readonly latest: Instant | undefined;
}

/** A journal that lives as long as the process. */
export const memoryJournal = (): Journal => {
  const outcomes = new Map<string, Outcome>();
  let latest: Instant | undefined;
  return {
    get: (key) => outcomes.get(key),
    set(key, at, outcome) {
      outcomes.set(key, outcome);
      if (!latest || at > latest) latest = at;
    },
    get size() {
      return outcomes.size;
    },
    get latest() {
      return latest;
    },
  };
};

/** A journal in a file, one line an outcome. It belongs to its rows: other ones cannot go on from there. */
export const fileJournal = (file: string, rows: readonly Row[]): Journal => {
  const fingerprint = createHash('sha256').update(JSON.stringify(rows)).digest('hex');
  const memory = memoryJournal();
  mkdirSync(dirname(file), { recursive: true });
  const append = (line: z.infer<typeof Line>): void => appendFileSync(file, `${JSON.stringify(line)}\n`);
  if (!existsSync(file)) append({ rows: fingerprint });
  for (const line of linesOf(file)) {
    if ('key' in line) memory.set(line.key, line.at, line.outcome);
    else if (line.rows !== fingerprint) {
      throw new ReplayProblem(
        `${file} belongs to a replay of other rows: name another folder with --data, or delete it.`,
      );
    }
  }
  return {
    get: memory.get,
    get size() {
      return memory.size;
    },
    get latest() {
      return memory.latest;
    },
    set(key, at, outcome) {
      memory.set(key, at, outcome);
      append({ key, at, outcome });
    },
  };
};

/** A line that a kill cut short was not answered as far as anybody knows: it goes, and its command is sent again. */
const linesOf = (file: string): z.infer<typeof Line>[] => {
  const text = readFileSync(file, 'utf8');
  const whole = text.slice(0, text.lastIndexOf('\n') + 1);
  if (whole.length < text.length) truncateSync(file, Buffer.byteLength(whole));
  return whole
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => Line.parse(JSON.parse(line)));
};
