/** What a person with a stopwatch is told, at a minute counted from the beginning. */
export type Instruction = { minute: number } & (
  | { what: 'pause' | 'resume' | 'look' | 'succeed' | 'cancel' | 'reopen' }
  | { what: 'retarget'; target: number; warn?: number }
);

export type Promised = {
  target: number;
  warn?: number;
  allowPause: boolean;
  onReopen: 'continue' | 'keep' | 'restart';
};

/** What is on their paper at the end. */
export interface Noted {
  story: string[];
  used: number;
  state: 'running' | 'paused' | 'missed' | 'met' | 'void';
  generation: number;
  target: number;
  warned: boolean;
}

/**
 * A second opinion on the life of a clock, as slow and plain as can be: a person with a stopwatch who sees every minute
 * whether the desk is open, does what they are told, and writes down what happens. They look at the stopwatch before
 * they do something and after they have set it going, but a success they write down at once.
 */
export const stopwatch = (
  open: readonly boolean[],
  promised: Promised,
  instructions: readonly Instruction[],
  end: number,
): Noted => {
  const story: string[] = [];
  let { target, warn } = promised;
  let state: Noted['state'] = 'running';
  let [generation, used, minute] = [1, 0, 0];
  let [warned, stopped, metAfterAll] = [false, false, false];
  const write = (what: string) => story.push(`${generation} ${what} ${minute}`);
  const isOpen = () => state === 'running' || state === 'paused';

  const look = () => {
    if (state !== 'running') return;
    if (used >= target) {
      state = 'missed';
      write('sla.breached');
    } else if (warn !== undefined && used >= warn && !warned) {
      warned = true;
      write('sla.warning');
    }
  };

  const follow: Record<Instruction['what'], (instruction: Instruction) => void> = {
    look,
    pause: () => {
      if (state !== 'running' || !promised.allowPause) return;
      look();
      if (!isOpen()) return;
      state = 'paused';
      write('sla.paused');
    },
    resume: () => {
      if (state !== 'paused') return;
      state = 'running';
      write('sla.resumed');
      look();
    },
    succeed: () => {
      if (state === 'void' || state === 'met' || metAfterAll) return;
      if (isOpen()) state = 'met';
      else [stopped, metAfterAll] = [true, true];
      write('sla.succeeded');
    },
    cancel: () => {
      look();
      if (state === 'missed') stopped = true;
      if (!isOpen()) return;
      state = 'void';
      write('sla.cancelled');
    },
    retarget: (to) => {
      if (to.what !== 'retarget' || (to.target === target && to.warn === warn)) return;
      look();
      if (!isOpen()) return;
      write('sla.cancelled');
      [target, warn, warned] = [to.target, to.warn, false];
      generation += 1;
      write('sla.started');
      look();
    },
    reopen: () => {
      look();
      if (isOpen() || promised.onReopen === 'keep') return;
      if (promised.onReopen === 'continue' && (state === 'missed' || used >= target)) return;
      if (promised.onReopen === 'restart') [used, warned] = [0, false];
      [state, stopped, metAfterAll] = ['running', false, false];
      generation += 1;
      write('sla.started');
      look();
    },
  };

  write('sla.started');
  for (; minute <= end; minute += 1) {
    for (const instruction of instructions.filter((one) => one.minute === minute))
      follow[instruction.what](instruction);
    look();
    const counts = state === 'running' || (state === 'missed' && !stopped);
    if (minute < end && counts && open[minute]) used += 1;
  }
  return { story, used, state, generation, target, warned };
};
