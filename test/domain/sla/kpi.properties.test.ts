import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addBusinessTime, businessTimeBetween } from '../../../domain/sla/business-time.ts';
import type { Calendar } from '../../../domain/sla/calendar.ts';
import { describeKpi } from '../../../domain/sla/describe-kpi.ts';
import { KpiInstance } from '../../../domain/sla/kpi-instance.ts';
import { KPI_LIFECYCLE } from '../../../domain/sla/kpi-lifecycle.ts';
import { nextAlarm } from '../../../domain/sla/next-alarm.ts';
import { recomputeKpi } from '../../../domain/sla/recompute-kpi.ts';
import { usedIn } from '../../../domain/sla/segments.ts';
import { settleKpi } from '../../../domain/sla/settle-kpi.ts';
import { MINUTE, toInstant, toMs } from '../../../domain/time.ts';
import { openMinutes } from '../../support/minute-stepper.ts';
import { calendarNearChange, opens, wallClockAround } from '../../support/sla-arbitraries.ts';
import { Life } from '../../support/sla-builders.ts';
import { type Instruction, type Promised, stopwatch } from '../../support/stopwatch.ts';

const DAYS = 6;
const END = DAYS * 1440;

const thresholds = fc
  .record({ target: fc.integer({ min: 1, max: 2000 }), tenths: fc.option(fc.integer({ min: 0, max: 9 })) })
  .map(({ target, tenths }) => ({
    target,
    warn: tenths === null || target === 1 ? undefined : Math.max(1, Math.floor((target * tenths) / 10)),
  }));

const promised: fc.Arbitrary<Promised> = fc
  .record({
    thresholds,
    allowPause: fc.integer({ min: 0, max: 5 }).map((one) => one > 0),
    onReopen: fc.constantFrom('continue', 'keep', 'restart'),
  })
  .map(({ thresholds, ...rest }) => ({ ...thresholds, ...rest }));

const what = fc.oneof(
  { weight: 6, arbitrary: fc.record({ what: fc.constantFrom('pause', 'resume') }) },
  { weight: 2, arbitrary: thresholds.map((terms) => ({ what: 'retarget' as const, ...terms })) },
  { weight: 3, arbitrary: fc.record({ what: fc.constantFrom('look', 'succeed', 'cancel', 'reopen') }) },
);

/** Some minutes carry several instructions; half of the gaps are whole hours, on which windows open and close. */
const gap = fc.oneof(
  fc.integer({ min: 0, max: 700 }),
  fc.integer({ min: 0, max: 12 }).map((hours) => hours * 60),
);

const instructions: fc.Arbitrary<Instruction[]> = fc.array(fc.tuple(gap, what), { maxLength: 12 }).map((steps) => {
  const told: Instruction[] = [];
  for (const [after, step] of steps) told.push({ ...step, minute: (told.at(-1)?.minute ?? 0) + after });
  return told.filter((step) => step.minute < END);
});

/** A calendar, the start of a span of days around a change of its zone's clock, and what is promised and told in it. */
const told = fc
  .record({ place: calendarNearChange, promised, instructions })
  .map(({ place, ...rest }) => ({
    ...rest,
    calendar: place.calendar,
    middle: place.middle,
    from: place.middle - (DAYS / 2) * 1440 * MINUTE,
  }))
  .filter(({ calendar }) => opens(calendar));

type Told = typeof told extends fc.Arbitrary<infer Value> ? Value : never;

const lifeOf = ({ calendar, from, promised, instructions }: Told): Life[] => {
  const at = (minute: number) => toInstant(from + minute * MINUTE);
  const terms = ({ target, warn }: { target: number; warn?: number }) => ({
    itemId: 'normal',
    targetMinutes: target,
    warnMinutes: warn,
    allowPause: promised.allowPause,
    onReopen: promised.onReopen,
  });
  const follow = (life: Life, instruction: Instruction): Life => {
    const when = at(instruction.minute);
    if (instruction.what === 'retarget') return life.retarget(when, terms(instruction));
    return instruction.what === 'look' ? life.settle(when) : life[instruction.what](when);
  };
  const lives = [Life.start(terms(promised), calendar, at(0))];
  for (const instruction of instructions) lives.push(follow(lives.at(-1)!, instruction));
  return [...lives, lives.at(-1)!.settle(at(END))];
};

describe('any life of a clock', () => {
  it('is what a person with a stopwatch writes down', () => {
    fc.assert(
      fc.property(told, (life) => {
        const { calendar, middle, from } = life;
        const wall = wallClockAround(calendar.timeZone, middle);
        const open = openMinutes(calendar, wall).slice((from - wall.fromMs) / MINUTE);
        const expected = stopwatch(open, life.promised, life.instructions, END);

        const { facts, instance } = lifeOf(life).at(-1)!;
        const story = facts.map(
          ({ type, generation, occurredAt }) => `${generation} ${type} ${(toMs(occurredAt) - from) / MINUTE}`,
        );
        expect(story).toEqual(expected.story);
        expect(describeKpi(instance, calendar, toInstant(from + END * MINUTE)).usedMinutes).toBe(expected.used);
      }),
      { numRuns: 400 },
    );
  });

  it('warns at most once and fails at most once in a generation', () => {
    fc.assert(
      fc.property(told, (life) => {
        const once = lifeOf(life)
          .at(-1)!
          .facts.filter(({ type }) => type === 'sla.warning' || type === 'sla.breached');
        const kinds = once.map(({ type, generation }) => `${type} ${generation}`);
        expect(new Set(kinds).size).toBe(kinds.length);
      }),
    );
  });

  it('has a history without gaps whose counted running time is the used time', () => {
    fc.assert(
      fc.property(told, (life) => {
        for (const { instance, earlier } of lifeOf(life)) {
          for (const { segments, usedMs, status, runningSince, pausedAt } of [instance, ...earlier]) {
            expect(usedIn(segments)).toBe(usedMs);
            expect(segments.slice(0, -1).map(({ to }) => to)).toEqual(segments.slice(1).map(({ from }) => from));
            const last = segments.at(-1)?.to === undefined ? segments.at(-1) : undefined;
            expect(last?.from).toBe(runningSince ?? pausedAt);
            if (KPI_LIFECYCLE[status].clock !== 'ended') expect(last?.kind).toBe(KPI_LIFECYCLE[status].clock);
          }
        }
      }),
    );
  });

  it('consists of states that can be stored, each with a higher revision and no lower epoch', () => {
    fc.assert(
      fc.property(told, (life) => {
        const lives = lifeOf(life);
        for (const [i, { instance, facts }] of lives.entries()) {
          expect(KpiInstance.parse(JSON.parse(JSON.stringify(instance)))).toEqual(instance);
          const before = lives[i - 1];
          if (!before || before.instance.generation !== instance.generation) continue;
          if (instance === before.instance) expect(facts).toEqual(before.facts);
          else expect(instance.revision).toBeGreaterThan(before.instance.revision);
          expect(instance.epoch).toBeGreaterThanOrEqual(before.instance.epoch);
        }
      }),
    );
  });

  it('changes its alarm only together with its epoch, but for the warning that has rung', () => {
    fc.assert(
      fc.property(told, (life) => {
        const lives = lifeOf(life);
        for (const [i, { instance }] of lives.entries()) {
          const before = lives[i - 1]?.instance;
          if (before?.generation !== instance.generation || before.epoch !== instance.epoch) continue;
          const rung = instance.warnedAt !== before.warnedAt;
          expect(nextAlarm(instance)).toBe(rung ? before.failAt : nextAlarm(before));
        }
      }),
    );
  });

  it('leaves nothing due once it is settled, and settling again changes nothing', () => {
    fc.assert(
      fc.property(told, fc.integer({ min: 0, max: END }), (life, minute) => {
        const at = toInstant(life.from + minute * MINUTE);
        for (const { instance } of lifeOf(life)) {
          const settled = settleKpi(instance, at).instance;
          expect(settleKpi(settled, at).instance).toBe(settled);
          expect((nextAlarm(settled) ?? '9') > at).toBe(true);
        }
      }),
    );
  });
});

const minute = fc.integer({ min: 0, max: END });

/** A clock that is paused and resumed before its deadline. */
const waited = fc.tuple(told, minute, minute, minute).map(([{ calendar, from }, a, b, c]) => {
  const [start, pausedAt, resumedAt] = [a, b, c].toSorted((x, y) => x - y).map((m) => toInstant(from + m * MINUTE));
  return { calendar, start: start!, pausedAt: pausedAt!, resumedAt: resumedAt! };
});

describe('any pause', () => {
  it('moves the deadline by the business time that it lasted', () => {
    fc.assert(
      fc.property(
        waited,
        fc.integer({ min: 1, max: 5000 }),
        ({ calendar, start, pausedAt, resumedAt }, targetMinutes) => {
          const running = Life.start({ targetMinutes }, calendar, start);
          fc.pre(running.instance.failAt! > pausedAt);
          const lasted = businessTimeBetween(calendar, toMs(pausedAt), toMs(resumedAt));
          expect(running.pause(pausedAt).resume(resumedAt).instance.failAt).toBe(
            toInstant(addBusinessTime(calendar, toMs(running.instance.failAt!), lasted)),
          );
        },
      ),
      { numRuns: 200 },
    );
  });

  it('outside business hours changes nothing', () => {
    fc.assert(
      fc.property(
        waited,
        fc.integer({ min: 1, max: 5000 }),
        ({ calendar, start, pausedAt, resumedAt }, targetMinutes) => {
          const running = Life.start({ targetMinutes }, calendar, start);
          fc.pre(running.instance.failAt! > pausedAt);
          // The end of the closed time that the pause begins in, or the pause itself.
          const opening = addBusinessTime(calendar, toMs(pausedAt), 1) - 1;
          const end = toInstant(Math.min(opening, toMs(resumedAt)));
          expect(running.pause(pausedAt).resume(end < pausedAt ? pausedAt : end).instance.failAt).toBe(
            running.instance.failAt,
          );
        },
      ),
      { numRuns: 200 },
    );
  });

  it('may be split anywhere: two waits that meet are one wait', () => {
    fc.assert(
      fc.property(
        waited,
        minute,
        fc.integer({ min: 1, max: 5000 }),
        ({ calendar, start, pausedAt, resumedAt }, part, targetMinutes) => {
          const running = Life.start(
            { targetMinutes, warnMinutes: targetMinutes > 2 ? 2 : undefined },
            calendar,
            start,
          );
          const split = toInstant(toMs(pausedAt) + Math.floor(((toMs(resumedAt) - toMs(pausedAt)) * part) / END));
          const inOne = running.pause(pausedAt).resume(resumedAt).instance;
          const inTwo = running.pause(pausedAt).resume(split).pause(split).resume(resumedAt).instance;
          const outcome = ({ status, warnAt, failAt, warnedAt, breachedAt, usedMs }: KpiInstance) => ({
            status,
            warnAt,
            failAt,
            warnedAt,
            breachedAt,
            usedMs,
          });
          expect(outcome(inTwo)).toEqual(outcome(inOne));
        },
      ),
      { numRuns: 200 },
    );
  });
});

describe('any clock that is counted anew', () => {
  it('is due when it would have been, had it been born with that calendar', () => {
    fc.assert(
      fc.property(
        waited,
        told,
        fc.integer({ min: 1, max: 5000 }),
        ({ calendar, start, pausedAt, resumedAt }, other, targetMinutes) => {
          const terms = { targetMinutes, calendarId: 'desk', calendarVersion: 1 };
          const lived = (on: Calendar) => Life.start(terms, on, start).pause(pausedAt).resume(resumedAt).instance;
          const [old, wanted] = [lived(calendar), lived(other.calendar)];
          fc.pre(old.status === 'inProgress' && wanted.status === 'inProgress' && wanted.failAt > resumedAt);
          const by = { version: 2, calendar: other.calendar };
          const { instance } = recomputeKpi(old, resumedAt, by, { cause: 'calendar desk version 2' });
          expect([instance.failAt, instance.usedMs]).toEqual([wanted.failAt, wanted.usedMs]);
        },
      ),
      { numRuns: 200 },
    );
  });
});
