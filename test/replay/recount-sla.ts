import { readFileSync } from 'node:fs';
import { parse } from 'csv-parse/sync';

/**
 * Works out from the incident log itself when each clock of each incident warned, failed and was met: by the promises of
 * the replay's set-up, written down here once more, and by counting minutes on a desk in London. It shares no line with
 * the service or with the rest of the replay, so that both can be wrong only by chance in the same way.
 *
 * All times are minutes since 1 January 2016 in UTC; the log has whole minutes.
 */
export interface RecountedClock {
  kpi: 'firstResponse' | 'resolve';
  generation: number;
  status: 'inProgress' | 'nearingNoncompliance' | 'noncompliant' | 'succeeded' | 'paused' | 'cancelled';
  warnedAt?: number;
  breachedAt?: number;
  succeededAt?: number;
  /** While it runs, or once it was missed. */
  failAt?: number;
  usedMinutes: number;
}

const ORIGIN = Date.UTC(2016, 0, 1) / 60_000;
const MINUTES = 3 * 366 * 1440;

/** Minutes since the origin, of an instant as the API writes it. */
export const minuteOf = (instant: string): number => Date.parse(instant) / 60_000 - ORIGIN;

const PROMISES: Record<string, { firstResponse: number; resolve: number }> = {
  '1 - Critical': { firstResponse: 30, resolve: 240 },
  '2 - High': { firstResponse: 60, resolve: 480 },
  '3 - Moderate': { firstResponse: 240, resolve: 2_400 },
  '4 - Low': { firstResponse: 480, resolve: 4_800 },
};
const HOLIDAYS = ['2016-03-25', '2016-03-28', '2016-05-02', '2016-05-30', '2016-08-29', '2016-12-26', '2016-12-27'];

/** In Britain clocks are an hour ahead from the last Sunday of March to that of October, from and to 01:00 UTC. */
const isSummer = (ms: number): boolean => {
  const year = new Date(ms).getUTCFullYear();
  const lastSunday = (month: number): number => {
    const last = Date.UTC(year, month + 1, 0, 1);
    return last - new Date(last).getUTCDay() * 86_400_000;
  };
  return ms >= lastSunday(2) && ms < lastSunday(9);
};

/** How many open minutes of the desk lie before each minute. */
const openBefore: Uint32Array = (() => {
  const sums = new Uint32Array(MINUTES + 1);
  for (let minute = 0; minute < MINUTES; minute += 1) {
    const ms = (ORIGIN + minute) * 60_000;
    const local = new Date(ms + (isSummer(ms) ? 3_600_000 : 0));
    const [day, hour] = [local.getUTCDay(), local.getUTCHours()];
    const isOpen =
      day >= 1 && day <= 5 && hour >= 9 && hour < 17 && !HOLIDAYS.includes(local.toISOString().slice(0, 10));
    sums[minute + 1] = (sums[minute] ?? 0) + (isOpen ? 1 : 0);
  }
  return sums;
})();

const openBetween = (from: number, to: number): number => (openBefore[to] ?? 0) - (openBefore[from] ?? 0);

/** The first minute by which so many open ones have passed. */
const after = (from: number, open: number): number => {
  let minute = from;
  while (openBetween(from, minute) < open) minute += 1;
  return minute;
};

/** One clock, told of what happens in the order of time. */
class Clock {
  readonly kpi: RecountedClock['kpi'];
  #target: number;
  #generation = 1;
  #used = 0;
  #state: 'running' | 'paused' | 'missed' | 'met' | 'void' = 'running';
  /** Since when it counts, while it does: a missed one counts on until its promise is kept or void. */
  #since: number | undefined;
  #warnedAt: number | undefined;
  #breachedAt: number | undefined;
  #succeededAt: number | undefined;

  constructor(kpi: RecountedClock['kpi'], priority: string, at: number) {
    this.kpi = kpi;
    this.#target = PROMISES[priority]?.[kpi] ?? Number.NaN;
    this.#since = at;
  }

  pause(at: number): void {
    this.#look(at);
    if (this.#state !== 'running') return;
    this.#stop(at);
    this.#state = 'paused';
  }

  resume(at: number): void {
    if (this.#state !== 'paused') return;
    this.#state = 'running';
    this.#since = at;
    this.#look(at);
  }

  prioritise(priority: string, at: number): void {
    this.#look(at);
    if (this.#state !== 'running' && this.#state !== 'paused') return;
    if (this.#state === 'running') {
      this.#stop(at);
      this.#since = at;
    }
    this.#target = PROMISES[priority]?.[this.kpi] ?? Number.NaN;
    this.#generation += 1;
    this.#warnedAt = undefined;
    this.#look(at);
  }

  succeed(at: number): void {
    this.#look(at);
    if (this.#state === 'met' || this.#state === 'void' || this.#succeededAt !== undefined) return;
    // A missed clock that was stopped without having been met stays so.
    if (this.#state === 'missed' && this.#since === undefined) return;
    this.#stop(at);
    this.#succeededAt = at;
    if (this.#state !== 'missed') this.#state = 'met';
  }

  cancel(at: number): void {
    this.#look(at);
    if (this.#state === 'met' || this.#state === 'void') return;
    this.#stop(at);
    if (this.#state !== 'missed') this.#state = 'void';
  }

  /** What was left goes on; a first response is promised once, and a missed promise stays missed. */
  reopen(at: number): void {
    if (this.kpi === 'firstResponse' || this.#state !== 'met' || this.#used >= this.#target) return;
    this.#generation += 1;
    this.#state = 'running';
    this.#since = at;
    this.#succeededAt = undefined;
    this.#look(at);
  }

  asOf(at: number): RecountedClock {
    this.#look(at);
    const used = this.#used + (this.#since === undefined ? 0 : openBetween(this.#since, at));
    const status = {
      running: this.#warnedAt === undefined ? ('inProgress' as const) : ('nearingNoncompliance' as const),
      paused: 'paused' as const,
      missed: 'noncompliant' as const,
      met: 'succeeded' as const,
      void: 'cancelled' as const,
    }[this.#state];
    const failAt = this.#state === 'running' ? this.#failAt() : this.#breachedAt;
    return {
      kpi: this.kpi,
      generation: this.#generation,
      status,
      usedMinutes: used,
      ...(this.#warnedAt !== undefined && { warnedAt: this.#warnedAt }),
      ...(this.#breachedAt !== undefined && { breachedAt: this.#breachedAt }),
      ...(this.#succeededAt !== undefined && { succeededAt: this.#succeededAt }),
      ...(failAt !== undefined && { failAt }),
    };
  }

  #failAt(): number {
    return after(this.#since ?? 0, Math.max(0, this.#target - this.#used));
  }

  #look(at: number): void {
    if (this.#state !== 'running' || this.#since === undefined) return;
    const failAt = this.#failAt();
    const warnAfter = Math.floor(this.#target * 0.75);
    // Nobody needs to hear that something nears which is there already.
    const warnAt = this.#used >= this.#target ? undefined : after(this.#since, Math.max(0, warnAfter - this.#used));
    if (this.#warnedAt === undefined && warnAt !== undefined && warnAt <= at) this.#warnedAt = warnAt;
    if (failAt > at) return;
    this.#breachedAt = failAt;
    this.#state = 'missed';
  }

  #stop(at: number): void {
    if (this.#since !== undefined) this.#used += openBetween(this.#since, at);
    this.#since = undefined;
  }
}

interface LogRow {
  line: number;
  number: string;
  state: string;
  change: number;
  priority: string;
  openedAt: number;
  at: number;
}

const momentOf = (text: string): number => {
  const [day = 0, month = 0, year = 0, hour = 0, minute = 0] = text.split(/[- :]/).map(Number);
  return Date.UTC(year, month - 1, day, hour, minute) / 60_000 - ORIGIN;
};

const logOf = (file: string, lines: ReadonlySet<number>): LogRow[] => {
  const records: Record<string, string>[] = parse(readFileSync(file, 'utf8'), { columns: true, bom: true });
  const all = records.map((record, index) => ({
    line: index + 2,
    number: record.number ?? '',
    state: record.incident_state ?? '',
    change: Number(record.sys_mod_count),
    priority: record.priority ?? '',
    openedAt: momentOf(record.opened_at ?? ''),
    at: momentOf(record.sys_updated_at ?? ''),
  }));
  return all.filter(({ line }) => lines.has(line));
};

/**
 * The clocks of every incident of some `lines` of the log as they stand at `now`, the latest of each KPI. Every call in
 * this log was taken by a person, who answered it by that.
 */
export const recount = (file: string, lines: ReadonlySet<number>, now: number): Map<string, RecountedClock[]> => {
  const rows = logOf(file, lines)
    .filter(({ state }) => state !== 'Closed')
    .sort((a, b) => a.at - b.at || a.change - b.change || a.line - b.line);
  const clocks = new Map<string, RecountedClock[]>();
  for (const [number, some] of Map.groupBy(rows, (row) => row.number)) clocks.set(number, recountOne(some, now));
  return clocks;
};

const recountOne = (rows: readonly LogRow[], now: number): RecountedClock[] => {
  const [first] = rows;
  if (!first) return [];
  const opened = Math.min(first.openedAt, first.at);
  const [response, resolution] = [
    new Clock('firstResponse', first.priority, opened),
    new Clock('resolve', first.priority, opened),
  ];
  const both = [response, resolution];
  response.succeed(opened);
  let [isResolved, reason, priority] = [false, 'working', first.priority];
  for (const { state, at, priority: stated } of rows) {
    if (isResolved && state !== 'Resolved') {
      for (const clock of both) clock.reopen(at);
      [isResolved, reason] = [false, 'working'];
    }
    // The priority of a resolved incident is what it was: nothing is promised any more.
    if (stated !== priority && !isResolved) {
      for (const clock of both) clock.prioritise(stated, at);
      priority = stated;
    }
    if (state === 'Resolved') {
      if (isResolved) continue;
      response.cancel(at);
      resolution.succeed(at);
      isResolved = true;
      continue;
    }
    const next = state === 'Awaiting User Info' ? 'asking' : state.startsWith('Awaiting') ? 'held' : 'working';
    if (next === reason) continue;
    if (next === 'asking') response.succeed(at);
    if (next === 'working') for (const clock of both) clock.resume(at);
    else for (const clock of both) clock.pause(at);
    reason = next;
  }
  return both.map((clock) => clock.asOf(now));
};
