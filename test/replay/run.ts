import type { Instant } from '../../domain/time.ts';
import { groupBy, inParallel } from './batches.ts';
import { callOf, outcomeOf, refusalIn } from './calls.ts';
import type { Connection } from './connection.ts';
import type { Journal, Outcome } from './journal.ts';
import { problemOf } from './names.ts';
import {
  acknowledged,
  type Command,
  type Known,
  type LeftOut,
  leftOut,
  planOpening,
  planUpdate,
  type Step,
  stepsOf,
  unopened,
} from './plan.ts';
import { ReplayProblem, type Row } from './rows.ts';
import { PROBLEM_CUSTOMER, PROBLEM_QUEUE, type SetUp, setUpFor } from './set-up.ts';

/** Something that was sent, or could not be because its case was refused. */
export interface Sent {
  at: Instant;
  /** The row it comes from. */
  row: Row;
  command: Command;
  outcome: Outcome | 'unsent';
}

/** A case of the run with all that was sent for it. */
export interface ReplayedCase {
  externalId: string;
  kind: 'incident' | 'problem';
  known: Known;
  sent: Sent[];
  /** How many acknowledged attachments minus detachments name this problem. */
  children: number;
}

export interface Replayed {
  cases: ReplayedCase[];
  leftOut: Map<LeftOut, number>;
  /** Milliseconds that requests took, by what they were for, with how many there were. */
  spent: Map<string, { ms: number; n: number }>;
}

export interface ReplayOptions {
  rows: readonly Row[];
  connection: Connection;
  journal: Journal;
  /** Told after each step. */
  onStep?: (done: number, of: number, at: Instant) => void;
}

/**
 * Sends the rows to the service, each at its instant. What the journal holds is not sent again, so a run that was cut
 * short goes on where it stopped: one command may be repeated then, with the key that it had.
 */
export const replay = async ({ rows, connection, journal, onStep }: ReplayOptions): Promise<Replayed> => {
  const steps = stepsOf(rows);
  const first = steps[0];
  if (!first) throw new ReplayProblem('None of the rows is to be sent: all are closed ones.');
  const run = new Run(connection, journal, setUpFor(rows));
  await run.begin(first.at);
  let done = 0;
  for (const [at, some] of groupBy(steps, ({ at }) => at)) {
    await run.instant(at, some);
    done += some.length;
    onStep?.(done, steps.length, at);
  }
  return run.result();
};

class Run {
  readonly #connection: Connection;
  readonly #journal: Journal;
  readonly #setUp: SetUp;
  readonly #cases = new Map<string, ReplayedCase>();
  readonly #problems = new Map<string, Promise<ReplayedCase>>();
  readonly #lastRows = new Map<string, Row>();
  readonly #leftOut = new Map<LeftOut, number>();
  readonly #spent: Replayed['spent'] = new Map();
  #clock: Instant = '';

  constructor(connection: Connection, journal: Journal, setUp: SetUp) {
    this.#connection = connection;
    this.#journal = journal;
    this.#setUp = setUp;
  }

  result(): Replayed {
    return { cases: [...this.#cases.values()], leftOut: this.#leftOut, spent: this.#spent };
  }

  /** Prepares the service, at an instant before which no row lies. */
  async begin(at: Instant): Promise<void> {
    const { now, speed } = await this.#connection.health();
    if (speed !== 0) throw new ReplayProblem('The service clock runs by itself: start the service with --speed 0.');
    this.#clock = now;
    const { latest = now } = this.#journal;
    if (now < latest) {
      throw new ReplayProblem(
        `The service clock shows ${now}, but the journal holds an answer of ${latest}: this is another service, or one that has lost its data; delete the journal to begin anew.`,
      );
    }
    if (this.#journal.get('set-up')) return;
    if (now > at) {
      throw new ReplayProblem(
        `The service clock shows ${now} and never goes backwards: start a new service with --speed 0 --clock ${at}.`,
      );
    }
    for (const request of this.#setUp.settings) await this.#prepare(request);
    await inParallel(this.#setUp.people, (request) => this.#prepare(request));
    this.#journal.set('set-up', at, { acknowledged: true });
  }

  async #prepare(request: SetUp['settings'][number]): Promise<void> {
    const { status, body } = await this.#timed('set-up', () => this.#connection.call({ by: 'admin', ...request }));
    // A customer whom an earlier, broken run has made known is known.
    if (status >= 400 && refusalIn(body)?.code !== 'IN_USE') {
      throw new ReplayProblem(`The set-up was refused: ${request.method} ${request.path}: ${JSON.stringify(body)}`);
    }
  }

  /** All steps of one instant: what opens first, then, once that has been routed, what is done on it. */
  async instant(at: Instant, steps: readonly Step[]): Promise<void> {
    const openings = steps.filter(({ kind }) => kind === 'opening');
    const updates = steps.filter(({ kind }) => kind === 'update');
    if (at > this.#clock) await this.#clockTo(at);
    await inParallel(openings, (step) => this.#open(step));
    const opened = new Set(openings.map(({ row }) => row.number));
    if (updates.some(({ row }) => opened.has(row.number))) await this.#clockTo(at);
    await inParallel([...groupBy(updates, ({ row }) => row.number).values()], async (ofOneCase) => {
      for (const step of ofOneCase) await this.#update(step);
    });
  }

  async #clockTo(at: Instant): Promise<void> {
    if (at < this.#clock) return;
    await this.#timed('clock', () => this.#connection.clockTo(at));
    this.#clock = at;
  }

  async #open({ at, row }: Step): Promise<void> {
    const known = { ...unopened, queueId: this.#setUp.routedTo(row) };
    const replayed: ReplayedCase = { externalId: row.number, kind: 'incident', known, sent: [], children: 0 };
    this.#cases.set(row.number, replayed);
    for (const command of planOpening(row)) await this.#carryOut(replayed, { at, row, command }, `${row.number}/open`);
  }

  async #update({ at, row, isFirst }: Step): Promise<void> {
    const replayed = this.#cases.get(row.number);
    if (!replayed) throw new Error(`${row.number} has a row before its opening`);
    for (const what of leftOut(this.#lastRows.get(row.number), row))
      this.#leftOut.set(what, (this.#leftOut.get(what) ?? 0) + 1);
    this.#lastRows.set(row.number, row);
    for (const command of planUpdate(replayed.known, row, { isFirst }))
      await this.#carryOut(replayed, { at, row, command }, `${row.number}/${row.line}/${command.part}`);
  }

  async #carryOut(replayed: ReplayedCase, what: Omit<Sent, 'outcome'>, key: string): Promise<void> {
    const { command } = what;
    const problem = await this.#problemOf(replayed, what);
    const outcome = await this.#outcomeOf(replayed, problem, what, key);
    replayed.sent.push({ ...what, outcome });
    if (outcome === 'unsent' || !outcome.acknowledged) return;
    if (problem) problem.children += command.part === 'attach' ? 1 : -1;
    replayed.known = {
      ...acknowledged(replayed.known, command),
      ...(command.part === 'open' && { caseId: outcome.id }),
    };
  }

  async #outcomeOf(
    { known: { caseId } }: ReplayedCase,
    problem: ReplayedCase | undefined,
    { at, command }: Omit<Sent, 'outcome'>,
    key: string,
  ): Promise<Sent['outcome']> {
    const earlier = this.#journal.get(key);
    if (earlier) return earlier;
    const call = callOf(command, caseId, problem?.known.caseId);
    if (!call) return 'unsent';
    const { status, body } = await this.#timed(command.part, () => this.#connection.call({ ...call, key }));
    const outcome = outcomeOf(status, body, command.part === 'open' ? 'caseId' : 'activityId');
    this.#journal.set(key, at, outcome);
    return outcome;
  }

  /** The parent that a command is about: the case of a problem, opened when the first incident names it. */
  async #problemOf(
    { known }: ReplayedCase,
    { at, row, command }: Omit<Sent, 'outcome'>,
  ): Promise<ReplayedCase | undefined> {
    const name = command.part === 'attach' ? command.problem : command.part === 'detach' ? known.problem : undefined;
    if (!name) return undefined;
    const opened = this.#problems.get(name) ?? this.#openProblem(name, at, row);
    this.#problems.set(name, opened);
    return opened;
  }

  async #openProblem(name: string, at: Instant, row: Row): Promise<ReplayedCase> {
    const externalId = problemOf(name);
    const replayed: ReplayedCase = { externalId, kind: 'problem', known: unopened, sent: [], children: 0 };
    this.#cases.set(externalId, replayed);
    const command: Command = {
      part: 'open',
      by: 'agent',
      body: {
        title: name,
        customerId: PROBLEM_CUSTOMER,
        origin: 'api',
        caseType: 'problem',
        externalId,
        queueId: PROBLEM_QUEUE,
        // Nobody was promised when a problem is understood; its incidents have clocks of their own.
        applySla: false,
      },
    };
    await this.#carryOut(replayed, { at, row, command }, `${externalId}/open`);
    return replayed;
  }

  async #timed<Result>(what: string, work: () => Promise<Result>): Promise<Result> {
    const started = performance.now();
    try {
      return await work();
    } finally {
      const { ms, n } = this.#spent.get(what) ?? { ms: 0, n: 0 };
      this.#spent.set(what, { ms: ms + performance.now() - started, n: n + 1 });
    }
  }
}
