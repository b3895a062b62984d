import { closeSync, fsyncSync, mkdirSync, openSync, readdirSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

/** What is known of a mail beside its bytes: its envelope, and what it was sent with. */
const Posted = z.object({
  messageId: z.string(),
  sentAt: z.string(),
  from: z.string(),
  to: z.array(z.string()),
  cc: z.array(z.string()),
  bcc: z.array(z.string()),
  subject: z.string(),
  configurationSet: z.string().optional(),
  tags: z.record(z.string(), z.string()),
});
export type Posted = z.infer<typeof Posted>;

/** The folder of the mails that have left: `<time>-<id>.eml` as its receivers got it, and the envelope in `….json`. */
export interface Outbox {
  readonly folder: string;
  /** Keeps a mail. When it returns, the mail is on disk. */
  keep(posted: Posted, mail: Buffer): void;
  /** The last mails, the newest first. */
  latest(most: number): Posted[];
  find(messageId: string): { posted: Posted; mail: Buffer } | undefined;
}

export function openOutbox(folder: string): Outbox {
  mkdirSync(folder, { recursive: true });
  const names = () => readdirSync(folder).filter((name) => name.endsWith('.json'));
  const read = (name: string) => Posted.parse(JSON.parse(readFileSync(join(folder, name), 'utf8')));
  return {
    folder,
    keep(posted, mail) {
      // Many may leave in one instant of a clock that stands.
      const n = String(names().length).padStart(6, '0');
      const name = `${posted.sentAt.replaceAll(/[-:.]/g, '')}-${n}-${posted.messageId}`;
      // The envelope comes last: a mail without one has not been sent.
      writeThrough(folder, `${name}.eml`, mail);
      writeThrough(folder, `${name}.json`, Buffer.from(`${JSON.stringify(posted, undefined, 2)}\n`));
    },
    latest: (most) => names().sort().reverse().slice(0, most).map(read),
    find(messageId) {
      const name = names().find((one) => one.endsWith(`-${messageId}.json`));
      if (name === undefined) return undefined;
      return { posted: read(name), mail: readFileSync(join(folder, name.replace(/json$/, 'eml'))) };
    },
  };
}

/** Writes a file so that it is there whole or not at all, whatever happens to the machine. */
function writeThrough(folder: string, name: string, content: Buffer): void {
  const path = join(folder, name);
  const file = openSync(`${path}.part`, 'w');
  writeSync(file, content);
  fsyncSync(file);
  closeSync(file);
  renameSync(`${path}.part`, path);
  const entries = openSync(folder, 'r');
  fsyncSync(entries);
  closeSync(entries);
}
