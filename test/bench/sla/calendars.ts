import { createRequire } from 'node:module';
import { addBusinessTime, businessTimeBetween } from '../../../domain/sla/business-time.ts';
import { Calendar } from '../../../domain/sla/calendar.ts';
import { randomFrom } from '../../crash/random.ts';

const MINUTE = 60_000;
const DAY = 1440 * MINUTE;
const YEAR = Date.parse('2026-01-01T00:00:00Z');
const ZONE = 'Europe/London';
const WINDOWS = [
  { from: '09:00', to: '12:30' },
  { from: '13:00', to: '17:00' },
];
const HOLIDAYS = ['2026-01-01', '2026-04-03', '2026-04-06', '2026-05-04', '2026-05-25', '2026-08-31', '2026-12-25'];

/** Ways to do sums with business time: what is measured, and how it answers. Milliseconds since the epoch, minutes. */
interface Reckoner {
  name: string;
  add?: (start: number, minutes: number) => number;
  between?: (from: number, to: number) => number;
}

const calendar = Calendar.parse({
  timeZone: ZONE,
  weekly: { mon: WINDOWS, tue: WINDOWS, wed: WINDOWS, thu: WINDOWS, fri: WINDOWS },
  holidays: HOLIDAYS.map((date) => ({ date })),
});

const docket: Reckoner = {
  name: 'Docket',
  add: (start, minutes) => addBusinessTime(calendar, start, minutes * MINUTE),
  between: (from, to) => businessTimeBetween(calendar, from, to) / MINUTE,
};

// By require, because these packages have no types.
const require = createRequire(import.meta.url);

const momentBusinessTime = (): Reckoner => {
  const moment = require('moment-timezone');
  require('moment-business-time');
  const hours = WINDOWS.flatMap(({ from, to }) => [`${from}:00`, `${to}:00`]);
  const workinghours = { 0: null, 1: hours, 2: hours, 3: hours, 4: hours, 5: hours, 6: null };
  require('moment').updateLocale('en', { workinghours, holidays: HOLIDAYS });
  const at = (ms: number) => moment.tz(ms, ZONE);
  return {
    name: 'moment-business-time',
    add: (start, minutes) => at(start).addWorkingTime(minutes, 'minutes').valueOf(),
    between: (from, to) => at(to).workingDiff(at(from), 'minutes'),
  };
};

const workingTimeCalculator = (): Reckoner => {
  const WorkingTimeCalculator = require('working-time-calculator');
  const calculator = new WorkingTimeCalculator();
  for (const { from, to } of WINDOWS) calculator.addWorkingHours([1, 2, 3, 4, 5], from, to, ZONE);
  for (const date of HOLIDAYS) {
    const midnight = wallMidnight(date);
    calculator.excludeBetween(new Date(midnight), new Date(midnight + DAY));
  }
  return {
    name: 'working-time-calculator',
    between: (from, to) => calculator.calcMinutesBetween(new Date(from), new Date(to)),
  };
};

/** None of the holidays is a day on which the clock changes; half of them are in summer time. */
const wallMidnight = (date: string): number => {
  const utc = Date.parse(`${date}T00:00:00Z`);
  return new Date(utc).toLocaleString('en-GB', { timeZone: ZONE, hour: '2-digit' }) === '00' ? utc : utc - 60 * MINUTE;
};

const WALL = new Intl.DateTimeFormat('sv-SE', { timeZone: ZONE, dateStyle: 'short', timeStyle: 'short' });

/** Looks at the clock on the wall, and knows nothing of what the others do. */
const isOpen = (ms: number): boolean => {
  const [date = '', time = ''] = WALL.format(ms).split(' ');
  const weekday = new Date(`${date}T00:00:00Z`).getUTCDay();
  if (weekday === 0 || weekday === 6 || HOLIDAYS.includes(date)) return false;
  return (time >= '09:00' && time < '12:30') || (time >= '13:00' && time < '17:00');
};

/** Goes on minute by minute, and counts those in which the desk is open. */
const stepper = (open: (ms: number) => boolean): Required<Reckoner> => ({
  name: 'minute by minute',
  add: (start, minutes) => {
    let [at, left] = [start, minutes];
    while (left > 0) {
      if (open(at)) left -= 1;
      at += MINUTE;
    }
    return at;
  },
  between: (from, to) => {
    let minutes = 0;
    for (let at = from; at < to; at += MINUTE) if (open(at)) minutes += 1;
    return minutes;
  },
});

/** As the stepper, with each minute of the year looked at once: it says what is right. */
const oracle = (): Required<Reckoner> => {
  const minutes = (400 * DAY) / MINUTE;
  const open = Uint8Array.from({ length: minutes }, (_, n) => (isOpen(YEAR + n * MINUTE) ? 1 : 0));
  return stepper((ms) => open[(ms - YEAR) / MINUTE] === 1);
};

interface Input {
  start: number;
  minutes: number;
  end: number;
}

/** Any minute of the year, up to ten days of business time, up to two weeks apart. */
const inputs = (count: number): Input[] => {
  const random = randomFrom(1);
  return Array.from({ length: count }, () => {
    const start = YEAR + random.below((330 * DAY) / MINUTE) * MINUTE;
    return { start, minutes: 1 + random.below(4_500), end: start + random.below((14 * DAY) / MINUTE) * MINUTE };
  });
};

type Operation = 'add' | 'between';
const run = (reckoner: Reckoner, operation: Operation, { start, minutes, end }: Input): number | undefined =>
  operation === 'add' ? reckoner.add?.(start, minutes) : reckoner.between?.(start, end);

/** How many a second, over a second at least, after as many warm-up rounds as fit in a quarter of one. */
const perSecond = (reckoner: Reckoner, operation: Operation, all: readonly Input[]): number => {
  const forMs = (ms: number): number => {
    const started = performance.now();
    let done = 0;
    while (performance.now() - started < ms) {
      const input = all[done % all.length];
      if (input) run(reckoner, operation, input);
      done += 1;
    }
    return (done * 1000) / (performance.now() - started);
  };
  forMs(250);
  return forMs(1_000);
};

/** The goal: how many times the fastest of the others, right or not. */
const TIMES = 20;

/** Prints how fast and how right each is on the same inputs, and answers whether the goal is met. */
export const benchCalendars = (): boolean => {
  console.log('\nBusiness time: London, 09:00–12:30 and 13:00–17:00 from Monday to Friday, seven holidays, 2026');
  const all = inputs(2_000);
  const truth = oracle();
  const others = [momentBusinessTime(), workingTimeCalculator(), stepper(isOpen)];
  let isMet = true;
  for (const [operation, what] of [
    ['add', 'additions'],
    ['between', 'differences'],
  ] as const) {
    console.log(`\n  ${what.padEnd(26)}${'a second'.padStart(12)}   right`);
    const measured = [docket, ...others].flatMap((reckoner) => {
      if (!reckoner[operation]) return [];
      // The stepper is so slow that two thousand of its answers would take minutes; the oracle is the same code.
      const asked = reckoner === others[2] ? all.slice(0, 50) : all;
      const right = asked.filter((input) => run(reckoner, operation, input) === run(truth, operation, input)).length;
      const speed = perSecond(reckoner, operation, all);
      console.log(
        `  ${reckoner.name.padEnd(26)}${Math.round(speed).toLocaleString('en').padStart(12)}   ${right} of ${asked.length}`,
      );
      return [{ name: reckoner.name, speed, isRight: right === asked.length }];
    });
    const [own, ...peers] = measured;
    const correct = peers.filter(({ isRight }) => isRight).sort((a, b) => b.speed - a.speed)[0];
    const fastest = peers.sort((a, b) => b.speed - a.speed)[0];
    for (const [peer, named] of [
      [correct, 'the fastest that is right'],
      [fastest, 'the fastest'],
    ] as const) {
      if (own && peer) console.log(`  ${(own.speed / peer.speed).toFixed(0)} times ${named}, ${peer.name}`);
    }
    isMet &&= own?.isRight === true && fastest !== undefined && own.speed >= TIMES * fastest.speed;
  }
  return isMet;
};
