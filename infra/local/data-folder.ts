import { accessSync, constants, mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { z } from 'zod';
import { HostProblem, messageOf } from './host-problem.ts';

/** Raised whenever a table below or in a service's file changes its columns: old folders are then refused, not misread. */
const VERSION = 1;

/** Everything the local host keeps between two starts. */
export interface DataFolder {
  readonly path: string;
  readonly logs: string;
  /** Checkpoints, executions, undelivered events and the clock: one file, so that one commit saves them together. */
  readonly db: DatabaseSync;
  read(key: string): unknown;
  write(key: string, value: unknown): void;
  close(): void;
}

/** The file, without its ending, that stands in for a log group: `/docket/dev/events` is `docket.dev.events`. */
export const logFileOf = (logGroup: string): string => logGroup.replace(/^\//, '').replaceAll('/', '.');

/** Opens or makes the data folder and holds it: a second host on the same folder is refused until this one ends. */
export function openDataFolder(folder: string): DataFolder {
  const path = resolve(folder);
  const logs = join(path, 'logs');
  try {
    mkdirSync(logs, { recursive: true });
    accessSync(path, constants.W_OK);
  } catch (error) {
    throw new HostProblem(`The data folder ${path} cannot be written (${messageOf(error)}): name another with --data.`);
  }

  const db = open(join(path, 'host.db'), path);
  db.exec('CREATE TABLE IF NOT EXISTS kept (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT');
  const select = db.prepare('SELECT value FROM kept WHERE key = ?');
  const upsert = db.prepare('INSERT INTO kept VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value');
  const Row = z.object({ value: z.string() }).optional();

  return {
    path,
    logs,
    db,
    read(key) {
      const row = Row.parse(select.get(key));
      return row && JSON.parse(row.value);
    },
    write: (key, value) => void upsert.run(key, JSON.stringify(value)),
    close: () => db.close(),
  };
}

function open(file: string, folder: string): DatabaseSync {
  const db = new DatabaseSync(file);
  try {
    // The lock of EXCLUSIVE mode goes with the process, so a killed host never leaves the folder locked. A commit in WAL
    // mode survives any kill; NORMAL gives up only what the operating system itself loses when the power fails.
    db.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL');
    const { user_version: version } = z
      .object({ user_version: z.number() })
      .parse(db.prepare('PRAGMA user_version').get());
    if (version !== 0 && version !== VERSION) {
      throw new HostProblem(
        `The data folder ${folder} was made by another version of Docket: name another with --data, or delete it.`,
      );
    }
    db.exec(`PRAGMA user_version = ${VERSION}`);
    return db;
  } catch (error) {
    db.close();
    if (error instanceof HostProblem) throw error;
    if (messageOf(error).includes('locked')) {
      throw new HostProblem(
        `The data folder ${folder} is in use by another running Docket: stop that one, or name another folder with --data.`,
      );
    }
    throw new HostProblem(
      `The data folder ${folder} is broken (host.db: ${messageOf(error)}): name another with --data, or delete it.`,
    );
  }
}
