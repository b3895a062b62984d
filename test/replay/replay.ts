import { basename, join } from 'node:path';
import { parseArgs } from 'node:util';
import { HostProblem, messageOf } from '../../infra/local/host-problem.ts';
import { check } from './check.ts';
import { checkClocks, withFindings } from './check-clocks.ts';
import { type Connection, connect } from './connection.ts';
import { fileJournal, type Journal } from './journal.ts';
import { stepsOf } from './plan.ts';
import { progressOf } from './progress.ts';
import { readBack } from './read-back.ts';
import { minuteOf, recount } from './recount-sla.ts';
import { isSound, reportOf } from './report.ts';
import { ReplayProblem, type Rows, readRows, spread } from './rows.ts';
import { replay } from './run.ts';

const HELP = `Sends an incident log through the public API, each row at its instant, and reads everything back.

  npm run replay -- <incidents.csv> [options]

  --rows <number>     only the first rows of the file
  --spread            instead of the first rows, as many of whole incidents of all priorities by turns
  --url <address>     a running service, started with --speed 0 and a --clock before the first row;
                      without it the replay runs a service of its own
  --data <folder>     what is kept between two runs, so that the second goes on where the first stopped (.docket-replay)
  --assembly <folder> an existing cloud assembly for its own service, instead of synthesising the app`;

const options = () => {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      rows: { type: 'string' },
      spread: { type: 'boolean', default: false },
      url: { type: 'string' },
      data: { type: 'string', default: '.docket-replay' },
      assembly: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  const limit = values.rows === undefined ? undefined : Number(values.rows);
  if (limit !== undefined && !(Number.isInteger(limit) && limit > 0))
    throw new ReplayProblem(`--rows must be a number of rows, not ${values.rows}.`);
  if (values.spread && limit === undefined) throw new ReplayProblem('--spread needs --rows.');
  return { ...values, limit, file: positionals[0] };
};

/** Exits with 1 when something acknowledged is missing, doubled or different. */
const main = async (): Promise<void> => {
  const { help, file, limit, spread: isSpread, url, data, assembly } = options();
  if (help) return console.log(HELP);
  if (!file) throw new ReplayProblem('Name the incident log: npm run replay -- <incidents.csv>.');
  // As the local host does: local time means nothing here.
  process.env.TZ = 'UTC';
  const rows = isSpread && limit ? spread(readRows(file), limit) : readRows(file, limit);
  const name = url ? `journal-${new URL(url).host.replace(':', '-')}.jsonl` : 'journal.jsonl';
  const journal = fileJournal(join(data, name), rows.rows);
  if (journal.size > 0) console.log(`Going on after ${journal.size} answers that ${join(data, name)} holds.`);
  const service = url ? { url, stop: async () => {} } : await ownService(rows, data, assembly);
  let interrupted = false;
  process.once('SIGINT', () => {
    interrupted = true;
    void service.stop().then(() => process.exit(130));
  });
  try {
    await run(file, rows, connect(service.url), journal);
  } catch (error) {
    // What fails after Ctrl-C fails because of it.
    if (!interrupted) throw error;
  } finally {
    if (!interrupted) await service.stop();
  }
};

const ownService = async ({ rows }: Rows, data: string, assembly: string | undefined) => {
  const { startHost } = await import('../../infra/local/host.ts');
  const first = stepsOf(rows)[0];
  return startHost({
    port: 0,
    data,
    speed: 0,
    clock: first && Date.parse(first.at),
    assembly,
    progress: (step) => console.log(step),
    onBroken: giveUp,
  });
};

const run = async (file: string, rows: Rows, connection: Connection, journal: Journal): Promise<void> => {
  const title = `Replay of ${basename(file)}`;
  const started = performance.now();
  const sending = progressOf('Sending');
  const replayed = await replay({ rows: rows.rows, connection, journal, onStep: sending.at });
  sending.stop();
  const reading = progressOf('Reading back');
  const found = await readBack(connection, replayed.cases, reading.at);
  reading.stop();
  const { now } = await connection.health();
  const recounted = checkClocks(recount(file, new Set(rows.rows.map(({ line }) => line)), minuteOf(now)), found);
  const checked = withFindings(check(replayed.cases, found), recounted);
  const seconds = (performance.now() - started) / 1000;
  console.log(reportOf({ title, rows, replayed, found, checked, recounted, counts: connection.counts, seconds }));
  process.exitCode = isSound(checked) ? 0 : 1;
};

const giveUp = (error: unknown): void => {
  const isExpected = error instanceof ReplayProblem || error instanceof HostProblem || isBadArgument(error);
  console.error(isExpected ? messageOf(error) : error);
  process.exit(1);
};

const isBadArgument = (error: unknown): boolean =>
  error instanceof TypeError && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS');

main().catch(giveUp);
