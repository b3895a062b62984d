import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { type Host, startHost } from '../../infra/local/host.ts';
import { type Answer, type Client, clientOf, everyItem } from '../support/api-client.ts';
import { sendMail } from '../support/mail-sender.ts';

/**
 * Sends real mails through the public address of a mailbox, each twice, and holds what the service made of them against
 * what the mails are: none is lost or answered with a fault, repeats change nothing, quotes are cut from answers, and
 * files are those that another parser finds.
 */
const [folder] = process.argv.slice(2);
if (!folder) {
  console.error('npm run replay:mail -- <folder>: a folder of mails (*.eml) in `corpus` and `replies`');
  process.exit(2);
}

interface Posted {
  path: string;
  raw: Buffer;
  answer: Answer;
}

const digest = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
const mailsIn = (name: string): string[] =>
  readdirSync(join(folder, name))
    .filter((file) => file.endsWith('.eml'))
    .sort()
    .map((file) => join(folder, name, file));

const problems: string[] = [];
const expect = (holds: boolean, what: string): void => {
  if (!holds) problems.push(what);
};
const tell = (title: string, counts: Map<string, number>): void => {
  console.log(`${title}:`);
  for (const [what, n] of [...counts].sort(([a], [b]) => a.localeCompare(b)))
    console.log(`  ${String(n).padStart(4)}  ${what}`);
};
const countOf = (words: readonly string[]): Map<string, number> => {
  const counts = new Map<string, number>();
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  return counts;
};

const run = async (host: Host): Promise<void> => {
  const admin = clientOf(host.url, await host.token({ sub: 'root', roles: ['admin'] }));
  const agent = clientOf(host.url, await host.token({ sub: 'anna', roles: ['agent'] }));
  const channel = { kind: 'email', address: 'help@ours.example', messagesPerMinute: 100_000 };
  const { secret } = (await admin.put('/v1/settings/channels/help', channel)).body;
  const corpus = mailsIn('corpus');
  const replies = mailsIn('replies');
  const posted: Posted[] = [];
  for (const path of [...corpus, ...replies]) {
    const raw = readFileSync(path);
    posted.push({ path, raw, answer: await sendMail({ host }, 'help', secret, raw) });
  }
  for (const { path, answer } of posted) {
    expect([200, 202].includes(answer.status), `${basename(path)} is answered with ${answer.status}`);
  }
  for (const { path, raw, answer } of posted) {
    const again = await sendMail({ host }, 'help', secret, raw);
    const isSame = again.status === 200 && isDeepStrictEqual(again.body, answer.body);
    expect(isSame, `${basename(path)} is answered otherwise the second time: ${again.status}`);
  }

  const intake = await everyItem(admin, '/v1/channels/help/intake');
  const distinct = new Set(posted.map(({ raw }) => digest(raw))).size;
  expect(intake.length === distinct, `${distinct} different mails were posted, and ${intake.length} are in the intake`);
  console.log(`${posted.length} mails posted twice; ${intake.length} in the intake`);
  tell('Outcomes', countOf(intake.map(({ outcome, reason }) => [outcome, reason].filter(Boolean).join(', '))));

  await checkQuotes(
    agent,
    posted.filter(({ path }) => replies.includes(path)),
  );
  await checkFiles(agent, posted);
};

const Activity = z.object({
  activityId: z.string(),
  caseId: z.string(),
  body: z.string(),
  wholeText: z.string().optional(),
  attachments: z
    .array(z.object({ attachmentId: z.string(), name: z.string(), contentType: z.string(), state: z.string() }))
    .default([]),
});

const activityOf = async (agent: Client, { answer }: Posted): Promise<z.infer<typeof Activity> | undefined> => {
  const { caseId, activityId } = answer.body;
  if (!caseId) return undefined;
  const items = await everyItem(agent, `/v1/cases/${caseId}/timeline`);
  const found = items.find((item) => item.kind === 'activity' && item.activityId === activityId);
  return found && Activity.parse(found);
};

const QUOTE = /^\s*>|^-+ ?Original Message ?-+$|^From:.*|wrote:$/m;

const plain = (text: string): string => text.replace(/\s+/g, ' ');

/** What each answer shows is what its sender wrote, where they wrote anything that is not quoted. */
const checkQuotes = async (agent: Client, replies: readonly Posted[]): Promise<void> => {
  const outcomes: string[] = [];
  for (const reply of replies) {
    const name = basename(reply.path);
    const activity = await activityOf(agent, reply);
    if (!activity) {
      outcomes.push('no activity');
      expect(reply.answer.body.outcome === 'ignored', `${name} has no activity`);
      continue;
    }
    const { body, wholeText } = activity;
    const isAllQuoted = body.split('\n').every((line) => /^\s*$|^\s*>|:$/.test(line));
    const isCut = wholeText !== undefined && plain(wholeText).includes(plain(body)) && !QUOTE.test(body);
    outcomes.push(isCut ? 'quotes cut' : isAllQuoted ? 'nothing but quotes: shown whole' : 'not cut');
    expect(isCut || isAllQuoted, `${name} shows what it answers: ${JSON.stringify(body.slice(0, 200))}`);
  }
  tell('Replies', countOf(outcomes));
};

const Parts = z.record(z.string(), z.array(z.object({ digest: z.string(), isFile: z.boolean() })));

/** The files of each mail, byte for byte, are those that Python's parser finds. */
const checkFiles = async (agent: Client, posted: readonly Posted[]): Promise<void> => {
  const found = partsByPython(posted.map(({ path }) => path));
  if (!found) return console.log('Files: not held against another parser, because there is no python3 here.');
  const outcomes: string[] = [];
  const seen = new Set<string>();
  for (const one of posted) {
    const activity = await activityOf(agent, one);
    if (!activity || seen.has(activity.activityId)) continue;
    seen.add(activity.activityId);
    const parts = found[one.path] ?? [];
    const digests: string[] = [];
    for (const { attachmentId, name, contentType, state } of activity.attachments) {
      outcomes.push(state === 'stored' ? 'kept' : `${state}`);
      if (state !== 'stored') continue;
      const { url } = (await agent.get(`/v1/cases/${activity.caseId}/attachments/${attachmentId}`)).body;
      const own = digest(new Uint8Array(await (await fetch(url)).arrayBuffer()));
      digests.push(own);
      // Python makes parts of what is a mail itself, and has no bytes of the whole.
      const isMail = contentType.startsWith('message/');
      const isSame = parts.some((part) => part.digest === own);
      if (!isMail) outcomes.push(isSame ? 'the same as Python’s' : 'other than Python’s');
      expect(isMail || isSame, `${basename(one.path)}: ${name} is not what Python finds`);
    }
    const isRefused = activity.attachments.some(({ state }) => state === 'refused');
    const missing = parts.filter((part) => part.isFile && !digests.includes(part.digest)).length;
    expect(missing === 0 || isRefused, `${basename(one.path)}: ${missing} files that Python finds are not kept`);
  }
  tell('Files', countOf(outcomes));
};

const partsByPython = (paths: readonly string[]): z.infer<typeof Parts> | undefined => {
  try {
    const script = join(import.meta.dirname, 'attachments.py');
    const found = execFileSync('python3', [script, ...paths], { encoding: 'utf8', maxBuffer: 100_000_000 });
    return Parts.parse(JSON.parse(found));
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
};

const data = mkdtempSync(join(tmpdir(), 'docket-mail-'));
const host = await startHost({ port: 0, data, coldStarts: true });
try {
  await run(host);
} finally {
  await host.stop();
  rmSync(data, { recursive: true, force: true });
}
for (const problem of problems) console.error(`! ${problem}`);
console.log(problems.length === 0 ? 'All of it holds.' : `${problems.length} things do not hold.`);
process.exitCode = problems.length === 0 ? 0 : 1;
