import fc from 'fast-check';
import { type Instruction, type Noted, type Promised, stopwatch } from './stopwatch.ts';

/**
 * A reference model of service levels: what people do with a case, told to two people with stopwatches, one for the
 * first response and one for the resolution. It shares nothing with the service but the API's words.
 */

export const PRIORITIES = ['low', 'normal', 'high', 'urgent'] as const;
type Priority = (typeof PRIORITIES)[number];

/** Minutes to warn after and to keep, by priority. */
export const TARGETS: Record<'firstResponse' | 'resolve', Record<Priority, { target: number; warn: number }>> = {
  firstResponse: {
    low: { target: 240, warn: 120 },
    normal: { target: 120, warn: 60 },
    high: { target: 60, warn: 30 },
    urgent: { target: 15, warn: 5 },
  },
  resolve: {
    low: { target: 960, warn: 720 },
    normal: { target: 480, warn: 360 },
    high: { target: 240, warn: 180 },
    urgent: { target: 60, warn: 45 },
  },
};

export const BY = ['priority', 'customer.tier'] as const;
export const ON_REOPEN = ['continue', 'keep', 'restart'] as const;

/** What somebody does. `write` is the customer's message, `reply` the agent's. */
export type Act =
  | { what: 'hold' | 'wait' | 'resume' | 'write' | 'reply' | 'resolve' | 'cancel' | 'reactivate' }
  | { what: 'prioritise'; priority: Priority };
export type Step = Act & { minute: number };

/** A case that might be: on which desk, what it was promised, and what was done with it. */
export interface History {
  calendar: number;
  /** What the promise goes by: the case's own priority, or a tier of its customer that is called the same. */
  by: (typeof BY)[number];
  priority: Priority;
  onReopen: Promised['onReopen'];
  opensAt: number;
  steps: Step[];
}

/** Cases of a few days; people do things on the half hours, many of which are those of windows and deadlines. */
export const history = (calendars: number, days: number): fc.Arbitrary<History> => {
  const act: fc.Arbitrary<Act> = fc.oneof(
    { weight: 6, arbitrary: fc.record({ what: fc.constantFrom('hold', 'wait', 'resume', 'write') }) },
    { weight: 3, arbitrary: fc.record({ what: fc.constantFrom('reply', 'resolve', 'cancel', 'reactivate') }) },
    {
      weight: 2,
      arbitrary: fc.constantFrom(...PRIORITIES).map((priority) => ({ what: 'prioritise' as const, priority })),
    },
  );
  const gap = fc.oneof(fc.integer({ min: 0, max: 6 }), fc.integer({ min: 0, max: 48 }));
  return fc
    .record({
      calendar: fc.nat(calendars - 1),
      by: fc.constantFrom(...BY),
      priority: fc.constantFrom(...PRIORITIES),
      onReopen: fc.constantFrom(...ON_REOPEN),
      opensAt: fc.integer({ min: 0, max: 20 }).map((halves) => halves * 30),
      acts: fc.array(fc.tuple(gap, act), { maxLength: 14 }),
    })
    .map(({ acts, ...rest }) => {
      let minute = rest.opensAt;
      const steps = acts.map(([halves, one]) => {
        minute += halves * 30;
        return { ...one, minute };
      });
      return { ...rest, steps: possible(steps, rest).filter((step) => step.minute < days * 1440) };
    });
};

/** Only what the service would not refuse: a case that is closed is not put on hold, though its customer may be edited. */
const possible = (steps: readonly Step[], { by, priority: first }: Pick<History, 'by' | 'priority'>): Step[] => {
  let [isOpen, isHeld, priority, reason] = [true, false, first, 'inProgress'];
  return steps.filter((step) => {
    if (step.what === 'reactivate') {
      if (isOpen) return false;
      [isOpen, isHeld, reason] = [true, false, 'inProgress'];
      return true;
    }
    if (!isOpen && !(step.what === 'prioritise' && by === 'customer.tier')) return false;
    if (step.what === 'prioritise') {
      const changes = step.priority !== priority;
      priority = step.priority;
      return changes;
    }
    if (step.what === 'hold' || step.what === 'wait') {
      const changes = reason !== step.what;
      [isHeld, reason] = [true, step.what];
      return changes;
    }
    if (step.what === 'resume') {
      const changes = isHeld;
      [isHeld, reason] = [false, 'inProgress'];
      return changes;
    }
    if (step.what === 'write' && reason === 'wait') [isHeld, reason] = [false, 'inProgress'];
    if (step.what === 'resolve' || step.what === 'cancel') isOpen = false;
    return true;
  });
};

/** What both people are told of what happened. The alarms of a minute come before what people do in it. */
const instructionsFor = (
  kpi: 'firstResponse' | 'resolve',
  { steps, opensAt, priority: first }: History,
): Instruction[] => {
  const told: Instruction[] = [];
  let [isWaiting, isOver, isClosed, priority] = [false, false, false, first];
  for (const step of steps) {
    const minute = step.minute - opensAt;
    const tell = (...some: Exclude<Instruction['what'], 'retarget'>[]) => {
      for (const what of ['look' as const, ...some]) told.push({ minute, what });
    };
    if (isOver) continue;
    switch (step.what) {
      case 'hold':
      case 'wait':
        tell('pause');
        isWaiting = step.what === 'wait';
        break;
      case 'resume':
        tell('resume');
        isWaiting = false;
        break;
      case 'write':
        if (isWaiting) tell('resume');
        isWaiting = false;
        break;
      case 'reply':
        if (kpi === 'firstResponse') tell('succeed');
        break;
      case 'resolve':
        // Whoever has not been answered by then never will be: that is promised once.
        tell(kpi === 'resolve' ? 'succeed' : 'cancel');
        isOver = kpi === 'firstResponse';
        [isWaiting, isClosed] = [false, true];
        break;
      case 'cancel':
        tell('cancel');
        isOver = kpi === 'firstResponse';
        [isWaiting, isClosed] = [false, true];
        break;
      case 'reactivate':
        tell('reopen');
        // What was edited meanwhile is followed now.
        told.push({ minute, what: 'retarget', ...TARGETS[kpi][priority] });
        isClosed = false;
        break;
      case 'prioritise':
        priority = step.priority;
        if (isClosed) break;
        tell('look');
        told.push({ minute, what: 'retarget', ...TARGETS[kpi][priority] });
        break;
    }
  }
  return told;
};

/** What the model expects of one clock of a case: its story by minutes of the whole run, and how it stands at the end. */
export interface Expected {
  story: string[];
  status: string;
  usedMinutes: number;
  /** The minute at which it would fail, while it runs. */
  failsAt?: number;
}

/** The outcome at `end`; `open` tells of each minute of the run, and of some days more, whether the desk is open. */
export const expected = (
  kpi: 'firstResponse' | 'resolve',
  told: History,
  open: readonly boolean[],
  end: number,
): Expected => {
  const { priority, onReopen, opensAt } = told;
  const promised = { ...TARGETS[kpi][priority], allowPause: true, onReopen };
  const ownOpen = open.slice(opensAt);
  const noted = stopwatch(ownOpen, promised, instructionsFor(kpi, told), end - opensAt);
  const story = noted.story.map((line) => {
    const [generation, type, minute] = line.split(' ');
    return `${generation} ${type} ${Number(minute) + opensAt}`;
  });
  const failsAt = noted.state === 'running' ? deadline(open, end, noted) : undefined;
  return { story, status: statusOf(noted), usedMinutes: noted.used, ...(failsAt !== undefined && { failsAt }) };
};

const statusOf = ({ state, warned }: Noted): string => {
  if (state === 'running') return warned ? 'nearingNoncompliance' : 'inProgress';
  return { paused: 'paused', missed: 'noncompliant', met: 'succeeded', void: 'cancelled' }[state];
};

const deadline = (open: readonly boolean[], end: number, { target, used }: Noted): number => {
  let [left, minute] = [target - used, end];
  while (left > 0 && minute < open.length) {
    if (open[minute]) left -= 1;
    minute += 1;
  }
  return minute;
};
