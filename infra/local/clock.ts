/**
 * The service clock: the only time that the functions see. It lies in shared memory, so that every worker sees a change
 * at once, and never goes backwards. The host persists it through the two functions it is given.
 */

const LATEST = 0;
const START = 1;
const START_REAL = 2;
const SPEED = 3;
const CEILING = 4;
const SLOTS = 5;

/** Speeds are whole thousandths in shared memory. */
const SPEED_UNIT = 1000;

/** How far ahead of the clock the saved ceiling lies, in real time; it is renewed ten times in this span. */
const RESERVE_MS = 2000;

/** Milliseconds since the epoch by the service clock. `realNow` is the unpatched Date.now of the calling thread. */
export function readClock(shared: BigInt64Array, realNow: () => number): number {
  const latest = Atomics.load(shared, LATEST);
  const speed = Number(Atomics.load(shared, SPEED)) / SPEED_UNIT;
  if (speed === 0) return Number(latest);
  const elapsed = (realNow() - Number(Atomics.load(shared, START_REAL))) * speed;
  const computed = BigInt(Math.floor(Number(Atomics.load(shared, START)) + elapsed));
  const ceiling = Atomics.load(shared, CEILING);
  const now = computed < ceiling ? computed : ceiling;
  return Number(raise(shared, now));
}

/** Moves LATEST up to `now` unless another thread has moved it further, and answers the greater. */
function raise(shared: BigInt64Array, now: bigint): bigint {
  for (let seen = Atomics.load(shared, LATEST); seen < now; ) {
    const found = Atomics.compareExchange(shared, LATEST, seen, now);
    if (found === seen) return now;
    seen = found;
  }
  return Atomics.load(shared, LATEST);
}

/** What is kept between two starts: the clock, the real time at that moment, and the highest instant anyone can have seen. */
export interface SavedClock {
  at: number;
  real: number;
  ceiling: number;
}

export interface ClockOptions {
  /** How many times faster than real time; 0 means that only `set` moves it. */
  speed: number;
  /** The first instant, where nothing was saved. */
  first?: number | undefined;
  saved?: SavedClock | undefined;
  save: (state: SavedClock) => void;
  realNow?: () => number;
}

export class ServiceClock {
  readonly shared = new BigInt64Array(new SharedArrayBuffer(SLOTS * BigInt64Array.BYTES_PER_ELEMENT));
  readonly speed: number;
  readonly #save: (state: SavedClock) => void;
  readonly #realNow: () => number;
  readonly #timer: NodeJS.Timeout | undefined;

  constructor(options: ClockOptions) {
    const { speed, saved, first } = options;
    this.speed = speed;
    this.#save = options.save;
    this.#realNow = options.realNow ?? Date.now;
    const real = this.#realNow();
    const start = saved ? resumed(saved, speed, real) : (first ?? real);
    Atomics.store(this.shared, LATEST, BigInt(start));
    Atomics.store(this.shared, START, BigInt(start));
    Atomics.store(this.shared, START_REAL, BigInt(real));
    Atomics.store(this.shared, SPEED, BigInt(Math.round(speed * SPEED_UNIT)));
    this.#persist();
    if (speed > 0) this.#timer = setInterval(() => this.#persist(), RESERVE_MS / 10).unref();
  }

  now(): number {
    return readClock(this.shared, this.#realNow);
  }

  /** Moves a clock of speed 0; it is on disk before anybody can see it, so no restart takes it back. */
  set(to: number): void {
    if (this.speed !== 0) throw new Error('Only a clock of speed 0 can be set.');
    if (to <= this.now()) return;
    this.#save({ at: to, real: this.#realNow(), ceiling: to });
    raise(this.shared, BigInt(to));
  }

  /** Real milliseconds until the clock shows `instant`: 0 when it has passed, Infinity when only `set` can bring it. */
  realDelayUntil(instant: number): number {
    const ahead = instant - this.now();
    if (ahead <= 0) return 0;
    return this.speed === 0 ? Number.POSITIVE_INFINITY : Math.ceil(ahead / this.speed);
  }

  stop(): void {
    clearInterval(this.#timer);
    const now = this.now();
    this.#save({ at: now, real: this.#realNow(), ceiling: now });
  }

  #persist(): void {
    const now = this.now();
    // Up to real speed a restart cannot go backwards, since real time went on as well. A faster clock may only be seen
    // below a ceiling that is already saved, and a restart after a kill goes on from that ceiling.
    const ceiling = this.speed > 1 ? now + this.speed * RESERVE_MS : now;
    this.#save({ at: now, real: this.#realNow(), ceiling });
    Atomics.store(this.shared, CEILING, this.speed > 1 ? BigInt(Math.floor(ceiling)) : BigInt(Number.MAX_SAFE_INTEGER));
  }
}

/** While nobody ran it, the clock ran at real speed; one that only steps stays where it was. */
function resumed(saved: SavedClock, speed: number, real: number): number {
  const stopped = speed === 0 ? 0 : Math.max(0, real - saved.real);
  return Math.floor(Math.max(saved.at + stopped, saved.ceiling));
}
