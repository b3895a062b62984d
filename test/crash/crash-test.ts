import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type Instant, toInstant, toMs } from '../../domain/time.ts';
import { type Checked, check } from '../replay/check.ts';
import { type Connection, connect } from '../replay/connection.ts';
import { memoryJournal } from '../replay/journal.ts';
import { stepsOf } from '../replay/plan.ts';
import { progressOf } from '../replay/progress.ts';
import { readBack } from '../replay/read-back.ts';
import { ReplayProblem, type Row, readRows } from '../replay/rows.ts';
import { type Replayed, replay } from '../replay/run.ts';
import { setUpFor } from '../replay/set-up.ts';
import { madeUpIncidents } from './incident-stream.ts';
import { type KillableService, killableService } from './killable-service.ts';
import { type Killer, killerOf, type Phase, requestsOf } from './killer.ts';
import { type Remains, remainsIn } from './post-mortem.ts';
import { type Random, randomFrom } from './random.ts';
import { type Subscriber, startSubscriber } from './subscriber.ts';
import { type Armed, armedIn, firedOf, type Timers } from './timers.ts';

const HELP = `Kills the whole local service at random instants of a replay, and looks whether anything is lost or done twice.

  npm run test:crash -- [options]

  --csv <file>        the incident log (../shared/data/incidents.csv); without it, incidents are made up
  --rows <number>     how many of its rows (400)
  --kills <number>    how often to kill (20)
  --seed <number>     of the instants (1)
  --assembly <folder> an existing cloud assembly, instead of synthesising the app
  --keep              leave the data folder for inspection`;

const ROOT = join(import.meta.dirname, '..', '..');
/** In so many moves of the clock everything that still runs falls due, so that kills hit alarms too. */
const LAST_MOVES = 20;
/** Incidents that are made up; their first half in time is used. */
const MADE_UP = 200;
const DAY = 86_400_000;

const options = () => {
  const { values } = parseArgs({
    options: {
      csv: { type: 'string', default: join(ROOT, '..', 'shared', 'data', 'incidents.csv') },
      rows: { type: 'string', default: '400' },
      kills: { type: 'string', default: '20' },
      seed: { type: 'string', default: '1' },
      assembly: { type: 'string' },
      keep: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  const [limit, kills, seed] = [values.rows, values.kills, values.seed].map(Number);
  for (const [name, n] of Object.entries({ rows: limit, kills, seed }))
    if (!Number.isInteger(n) || Number(n) < 0) throw new ReplayProblem(`--${name} must be a whole number.`);
  return { ...values, limit: limit ?? 0, kills: kills ?? 0, seed: seed ?? 0 };
};

const rowsOf = (csv: string, limit: number, random: Random): readonly Row[] => {
  try {
    return earliest(readRows(csv).rows, limit);
  } catch (error) {
    if (!(error instanceof ReplayProblem)) throw error;
    console.log(`${error.message} The test runs on made-up incidents.`);
    const madeUp = madeUpIncidents(MADE_UP, random);
    return earliest(madeUp, Math.min(limit, Math.floor(madeUp.length / 2)));
  }
};

/** The first rows in time and not in the file: there incidents end, here their clocks still run. */
const earliest = (rows: readonly Row[], limit: number): Row[] =>
  stepsOf(rows)
    .flatMap(({ kind, row }) => (kind === 'update' ? [row] : []))
    .slice(0, limit);

/** Exits with 1 when anything acknowledged is lost, anything is done twice, or a timer has not fired. */
const main = async (): Promise<void> => {
  const { help, csv, limit, kills, seed, assembly, keep } = options();
  if (help) return console.log(HELP);
  const random = randomFrom(seed);
  const rows = rowsOf(csv, limit, random);
  const folder = mkdtempSync(join(tmpdir(), 'docket-crash-'));
  const first = stepsOf(rows)[0];
  if (!first) throw new ReplayProblem('None of the rows is to be sent: all are closed ones.');
  const place = {
    data: join(folder, 'data'),
    assembly: assembly ?? synthesised(join(folder, 'assembly')),
    clock: first.at,
    log: join(folder, 'service.log'),
  };
  const service = await killableService(place);
  const subscriber = await startSubscriber(randomFrom(seed + 1));
  let sound = false;
  try {
    await service.start();
    sound = await run({ service, subscriber, rows, kills, random, seed, data: place.data });
  } finally {
    await service.stop();
    subscriber.stop();
    if (keep || !sound) console.log(`What it has left is in ${folder}.`);
    else rmSync(folder, { recursive: true, force: true });
  }
  process.exitCode = sound ? 0 : 1;
};

const synthesised = (folder: string): string => {
  execFileSync(process.execPath, ['infra/app.ts'], {
    cwd: ROOT,
    env: { ...process.env, CDK_OUTDIR: folder, CDK_CONTEXT_JSON: JSON.stringify({ stage: 'local' }) },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  return folder;
};

interface Test {
  service: KillableService;
  subscriber: Subscriber;
  rows: readonly Row[];
  kills: number;
  random: Random;
  seed: number;
  data: string;
}

const run = async ({ service, subscriber, rows, kills, random, seed, data }: Test): Promise<boolean> => {
  const started = performance.now();
  const killer = killerOf(service, await phasesOf(rows, kills), random, giveUp);
  const connection = connect(service.url, { onRequest: killer.onRequest });
  await subscriber.subscribe(connect(service.url));
  const sending = progressOf('Sending');
  const replayed = await replay({ rows, connection, journal: memoryJournal(), onStep: sending.at });
  sending.stop();

  // What reads is left alone: only acknowledged changes and alarms are to be lost.
  const reader = connect(service.url);
  const { now } = await reader.health();
  await reader.clockTo(now);
  const armed = armedIn(await readBack(reader, replayed.cases));
  subscriber.recover();
  const last = await fireAll(connection, now, armed);
  await killer.done();
  await reader.clockTo(last);

  const found = await readBack(reader, replayed.cases);
  await service.stop();
  const checked = check(replayed.cases, found);
  const timers = firedOf(armed, found);
  const remains = remainsIn(data, toMs(last));
  const violations = [
    ...checked.findings.map(({ externalId, kind, what }) => `${externalId} ${kind}: ${what}`),
    ...strangeRefusals(replayed),
    ...timers.wrong,
    ...subscriber.wrong(
      [...found].flatMap(([{ externalId }, { entries }]) => entries.map((entry) => ({ of: externalId, ...entry }))),
    ),
    ...(checked.alarms.late > 0 ? [`${checked.alarms.late} alarms were recorded later than due`] : []),
    ...Object.entries(remains).flatMap(([what, n]) => (n > 0 ? [`${n} ${what} are left behind`] : [])),
    ...(killer.count < kills ? [`only ${killer.count} of ${kills} kills took place`] : []),
  ];
  const seconds = (performance.now() - started) / 1000;
  tell({ service, subscriber, seed, killer, connection, replayed, checked, timers, remains, violations, seconds });
  return violations.length === 0;
};

/** Most kills meet the rows, some the last alarms, a few the set-up. */
const phasesOf = async (rows: readonly Row[], kills: number): Promise<Phase[]> => {
  const { settings, people } = setUpFor(rows);
  const setUp = settings.length + people.length;
  const [inSetUp, inAlarms] = [Math.round(kills * 0.1), Math.round(kills * 0.3)];
  return [
    { requests: setUp, kills: inSetUp, aimMs: 60 },
    { requests: (await requestsOf(rows)) - setUp, kills: kills - inSetUp - inAlarms, aimMs: 60 },
    { requests: LAST_MOVES, kills: inAlarms, aimMs: 400 },
  ];
};

/** Moves the clock until nothing that runs is left, and answers where it then stands. */
const fireAll = async (connection: Connection, now: Instant, armed: readonly Armed[]): Promise<Instant> => {
  const latest = Math.max(toMs(now), ...armed.map(({ failAt }) => toMs(failAt))) + DAY;
  const moving = progressOf('Moving the clock');
  for (let n = 1; n <= LAST_MOVES; n += 1) {
    await connection.clockTo(toInstant(toMs(now) + Math.round(((latest - toMs(now)) * n) / LAST_MOVES)));
    moving.at(n, LAST_MOVES);
  }
  moving.stop();
  return toInstant(latest);
};

/** Rules refuse with 409; anything else says that something which was there is not there any more. */
const strangeRefusals = ({ cases }: Replayed): string[] =>
  cases
    .flatMap(({ sent }) => sent)
    .flatMap(({ row, command, outcome }) =>
      outcome === 'unsent' || outcome.acknowledged || outcome.status === 409
        ? []
        : [`row ${row.line} ${command.part} was refused: ${outcome.code}, ${outcome.detail}`],
    );

interface Told {
  service: KillableService;
  subscriber: Subscriber;
  seed: number;
  killer: Killer;
  connection: Connection;
  replayed: Replayed;
  checked: Checked;
  timers: Timers;
  remains: Remains;
  violations: string[];
  seconds: number;
}

const tell = (told: Told): void => {
  const { service, subscriber, seed, killer, connection, replayed, checked, timers, remains, violations, seconds } =
    told;
  const { counts } = connection;
  const kinds = (kind: string) => checked.findings.filter((finding) => finding.kind === kind).length;
  const refused = replayed.cases
    .flatMap(({ sent }) => sent)
    .filter(({ outcome }) => outcome !== 'unsent' && !outcome.acknowledged).length;
  const sum = (counted: ReadonlyMap<string, number>) => [...counted.values()].reduce((a, b) => a + b, 0);
  const lines: [string, number][] = [
    ['kills', killer.count],
    ['  processes killed', service.killed],
    ['requests sent', counts.requests],
    ['  sent again after a fault', counts.retries],
    ['cases', replayed.cases.length],
    ['changes acknowledged', checked.acknowledged],
    ['  refused by a rule', refused],
    ['  missing', kinds('missing')],
    ['  doubled', kinds('doubled')],
    ['  there and never acknowledged', kinds('not acknowledged')],
    ['  otherwise than acknowledged', kinds('different')],
    ['warnings fired', sum(checked.alarms.warnings)],
    ['breaches fired', sum(checked.alarms.breaches)],
    ['  recorded later than due', checked.alarms.late],
    ['timers armed when the rows were through', timers.armed],
    ['  fired once, at their instant', timers.fired],
    ['facts that the subscriber has taken', subscriber.taken().facts],
    ['  more than once', subscriber.taken().again],
    ['  requests to it, failed ones included', subscriber.posted],
    ['reactions parked', remains.parkedReactions],
    ['stream batches parked', remains.parkedBatches],
    ['alarms overdue', remains.overdueAlarms + remains.overdueExecutions],
    ['events undelivered', remains.undeliveredEvents],
  ];
  console.log(`\nCrash test, seed ${seed}`);
  for (const [what, n] of lines) console.log(`${what.padEnd(42)}${String(n).padStart(7)}`);
  console.log(`${seconds.toFixed(0)} s.`);
  for (const violation of violations) console.log(`VIOLATION ${violation}`);
  console.log(violations.length === 0 ? 'Nothing lost, nothing done twice.' : `${violations.length} violations.`);
};

const giveUp = (error: unknown): void => {
  console.error(error instanceof ReplayProblem ? error.message : error);
  process.exit(1);
};

process.once('SIGINT', () => process.exit(130));
main().catch(giveUp);
