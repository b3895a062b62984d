import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { MINUTE, toInstant, toMs } from '../../domain/time.ts';
import { connect } from '../replay/connection.ts';
import { progressOf } from '../replay/progress.ts';
import { ReplayProblem } from '../replay/rows.ts';
import { synthesisedApp } from '../support/synthesise.ts';
import { type Flood, floodOf } from './flood.ts';
import { type Drained, disagreements, readDrained, surplusIn } from './flood-check.ts';
import { type Sent, sendFlood } from './flood-sender.ts';
import { type KillableService, killableService } from './killable-service.ts';
import { type Killer, killerOf } from './killer.ts';
import { type Remains, remainsIn } from './post-mortem.ts';
import { randomFrom } from './random.ts';
import { type Subscriber, startSubscriber } from './subscriber.ts';

const HELP = `Floods a channel with messages while the whole local service is killed, and counts what became of each of them.

  npm run test:flood -- [options]

  --messages <number> how many are sent, a fifth of them again (10000)
  --kills <number>    how often to kill meanwhile (3)
  --seed <number>     of the order and the instants (1)
  --keep              leave the data folder for inspection`;

const CHANNEL = 'flood';
/**
 * When to look after the flood, in minutes: a turn of the webhook sender that a kill cut short is over after three, and a
 * receiver that failed is left in peace for one; what it has failed by chance several times waits for hours.
 */
const LAST_LOOKS = [1, 2, 3, 4, 5, 6, 8, 10, 40, 80, 180, 360, 720];

const options = () => {
  const { values } = parseArgs({
    options: {
      messages: { type: 'string', default: '10000' },
      kills: { type: 'string', default: '3' },
      seed: { type: 'string', default: '1' },
      keep: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  const count = z.coerce.number().int().min(0);
  return { ...values, ...z.object({ messages: count, kills: count, seed: count }).parse(values) };
};

/** Exits with 1 when a message is lost or taken in twice, or anything is left half done. */
const main = async (): Promise<void> => {
  const { help, messages, kills, seed, keep } = options();
  if (help) return console.log(HELP);
  const folder = mkdtempSync(join(tmpdir(), 'docket-flood-'));
  const { assembly, remove } = synthesisedApp();
  const now = toInstant(Date.now());
  const place = { data: join(folder, 'data'), assembly, clock: now, log: join(folder, 'service.log') };
  const service = await killableService(place);
  const subscriber = await startSubscriber(randomFrom(seed + 1));
  let sound = false;
  try {
    await service.start(1);
    const flood = floodOf(messages, randomFrom(seed), now);
    sound = await run({ service, subscriber, flood, kills, seed, data: place.data });
  } finally {
    await service.stop();
    subscriber.stop();
    remove();
    if (keep || !sound) console.log(`What it has left is in ${folder}.`);
    else rmSync(folder, { recursive: true, force: true });
  }
  process.exitCode = sound ? 0 : 1;
};

interface Test {
  service: KillableService;
  subscriber: Subscriber;
  flood: Flood;
  kills: number;
  seed: number;
  data: string;
}

const run = async ({ service, subscriber, flood, kills, seed, data }: Test): Promise<boolean> => {
  const started = performance.now();
  const setUp = connect(service.url);
  await subscriber.subscribe(setUp);
  const { body } = await setUp.call({
    by: 'admin',
    method: 'PUT',
    path: `/v1/settings/channels/${CHANNEL}`,
    body: { kind: 'webhook', messagesPerMinute: 1_000_000 },
  });
  const address = { url: service.url, channelId: CHANNEL, secret: z.string().parse(body.secret) };

  const requests = flood.sendings.flat().length;
  const killer = killerOf(service, [{ requests, kills, aimMs: 60 }], randomFrom(seed + 2), giveUp);
  const sending = progressOf('Sending');
  const sent = await sendFlood(address, flood, {
    onSend: killer.onRequest,
    onSent: (done) => sending.at(done, requests),
  });
  sending.stop();
  await killer.done();
  const floodSeconds = (performance.now() - started) / 1000;

  // From here on by a clock that is moved, since what a kill interrupts is taken up again after minutes.
  subscriber.recover();
  await service.stop();
  await service.start();
  const connection = connect(service.url);
  const { now } = await connection.health();
  const looks = LAST_LOOKS.map((minutes) => toMs(now) + minutes * MINUTE);
  for (const at of looks) await connection.clockTo(toInstant(at));
  const drained = await readDrained(connection, CHANNEL);
  await service.stop();

  const remains = remainsIn(data, Math.max(...looks));
  const violations = [
    ...sent.refused.map((refusal) => `refused ${refusal}`),
    ...disagreements(flood, sent, drained),
    ...subscriber.wrong(drained.facts),
    ...surplusIn(data, flood),
    ...Object.entries(remains).flatMap(([what, n]) => (n > 0 ? [`${n} ${what} are left behind`] : [])),
    ...(killer.count < kills ? [`only ${killer.count} of ${kills} kills took place`] : []),
  ];
  const seconds = (performance.now() - started) / 1000;
  tell({ service, subscriber, seed, killer, flood, sent, drained, remains, violations, floodSeconds, seconds });
  return violations.length === 0;
};

interface Told {
  service: KillableService;
  subscriber: Subscriber;
  seed: number;
  killer: Killer;
  flood: Flood;
  sent: Sent;
  drained: Drained;
  remains: Remains;
  violations: string[];
  floodSeconds: number;
  seconds: number;
}

const tell = (told: Told): void => {
  const { service, subscriber, seed, killer, flood, sent, drained, remains, violations, floodSeconds, seconds } = told;
  const statuses = [...sent.answers.values()].flat().map(({ status }) => status);
  const facts = (action: string) => drained.facts.filter((fact) => fact.action === action).length;
  const lines: [string, number][] = [
    ['kills', killer.count],
    ['  processes killed', service.killed],
    ['messages sent', flood.sendings.flat().length],
    ['  different ones', flood.messages.length],
    ['  sent twice or more at the same instant', flood.sendings.filter((group) => group.length > 1).length],
    ['  conversations', flood.conversations],
    ['requests', sent.requests],
    ['  without an answer', sent.unanswered],
    ...[...sent.putOff].map(([why, n]): [string, number] => [`  answered ${why}, and sent again`, n]),
    ['  answered 202', statuses.filter((status) => status === 202).length],
    ['  answered 200: taken in before', statuses.filter((status) => status === 200).length],
    ['  refused', sent.refused.length],
    ['cases', drained.cases.length],
    ['activities', [...drained.activities.values()].flat().length],
    ['events activity.added', facts('activity.added')],
    ['events case.created', facts('case.created')],
    ['messages in the intake', drained.intake.length],
    ['facts that the subscriber has taken', subscriber.taken().facts],
    ['  more than once', subscriber.taken().again],
    ['  requests to it, failed ones included', subscriber.posted],
    ['reactions parked', remains.parkedReactions],
    ['stream batches parked', remains.parkedBatches],
    ['webhooks pending', remains.pendingDeliveries],
    ['events undelivered', remains.undeliveredEvents],
  ];
  console.log(`\nFlood, seed ${seed}`);
  for (const [what, n] of lines) console.log(`${what.padEnd(42)}${String(n).padStart(7)}`);
  console.log(`${floodSeconds.toFixed(0)} s of sending, ${seconds.toFixed(0)} s in all.`);
  for (const violation of violations) console.log(`VIOLATION ${violation}`);
  console.log(violations.length === 0 ? 'Each message was taken in once.' : `${violations.length} violations.`);
};

const giveUp = (error: unknown): void => {
  console.error(error instanceof ReplayProblem ? error.message : error);
  process.exit(1);
};

process.once('SIGINT', () => process.exit(130));
main().catch(giveUp);
