import { describe, expect, it } from 'vitest';
import { type SavedClock, ServiceClock } from '../../../infra/local/clock.ts';
import { installServiceDate } from '../../../infra/local/service-date.ts';

/** A real clock that a test moves, and a disk that remembers what was saved. */
const machine = (real = 1_000_000) => {
  const disk: { saved: SavedClock | undefined } = { saved: undefined };
  const state = { real };
  const boot = (speed: number, first?: number) =>
    new ServiceClock({
      speed,
      first,
      saved: disk.saved,
      save: (saved) => (disk.saved = saved),
      realNow: () => state.real,
    });
  return { state, boot };
};

describe('the service clock', () => {
  it('starts at the first instant and runs at its speed', () => {
    const { state, boot } = machine();
    const clock = boot(60, 5_000);
    state.real += 1_000;
    expect(clock.now()).toBe(65_000);
    expect(clock.realDelayUntil(125_000)).toBe(1_000);
  });

  it('stands still at speed 0 until it is set, and never goes back', () => {
    const { state, boot } = machine();
    const clock = boot(0, 5_000);
    state.real += 1_000_000;
    clock.set(9_000);
    clock.set(7_000);
    expect(clock.now()).toBe(9_000);
    expect(clock.realDelayUntil(10_000)).toBe(Number.POSITIVE_INFINITY);
  });

  it('runs at real speed while nobody runs it, unless it only steps', () => {
    for (const [speed, expected] of [
      [1, 35_000],
      [10, 35_000],
      [0, 5_000],
    ] as const) {
      const { state, boot } = machine();
      boot(speed, 5_000).stop();
      state.real += 30_000;
      expect(boot(speed).now()).toBe(expected);
    }
  });

  it('does not go back after a kill, however fast it ran', () => {
    const { state, boot } = machine();
    const killed = boot(1_000, 0);
    state.real += 10_000;
    const seen = killed.now();
    expect(boot(1_000).now()).toBeGreaterThanOrEqual(seen);
  });

  it('does not go back when the real clock does', () => {
    const { state, boot } = machine();
    const clock = boot(1);
    state.real += 5_000;
    const seen = clock.now();
    state.real -= 60_000;
    expect(clock.now()).toBe(seen);
  });
});

it('is the only time that Date tells, and leaves the rest of Date alone', () => {
  const RealDate = Date;
  const realNow = Date.now;
  try {
    installServiceDate(() => Date.UTC(2016, 1, 29, 12));
    expect(new Date().toISOString()).toBe('2016-02-29T12:00:00.000Z');
    expect(Date.now()).toBe(RealDate.UTC(2016, 1, 29, 12));
    expect(Date()).toContain('2016');
    expect(new Date('2020-01-01T00:00:00Z').getTime()).toBe(RealDate.UTC(2020, 0, 1));
    expect(new RealDate(0)).toBeInstanceOf(Date);
    class Own extends Date {}
    expect(new Own()).toBeInstanceOf(Own);
    expect(new Own().getUTCFullYear()).toBe(2016);
  } finally {
    globalThis.Date = RealDate;
    Date.now = realNow;
    Date.prototype.constructor = RealDate;
  }
});
