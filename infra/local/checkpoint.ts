import { closeSync, existsSync, fsyncSync, openSync, readFileSync, renameSync, rmSync, writeSync } from 'node:fs';
import type { z } from 'zod';

/** Where a script that may be ended at any instant goes on. */
export interface Checkpoint<State> {
  read(): State | undefined;
  write(state: State): void;
  clear(): void;
}

/** A checkpoint in a file; it is either the one before or the new one, whenever the power goes. */
export const checkpointIn = <Schema extends z.ZodType>(file: string, schema: Schema): Checkpoint<z.infer<Schema>> => ({
  read: () => (existsSync(file) ? schema.parse(JSON.parse(readFileSync(file, 'utf8'))) : undefined),
  write(state) {
    const next = openSync(`${file}.new`, 'w');
    writeSync(next, JSON.stringify(state));
    fsyncSync(next);
    closeSync(next);
    renameSync(`${file}.new`, file);
  },
  clear: () => rmSync(file, { force: true }),
});
