import { SingleBar } from 'cli-progress';

/** A bar on a terminal, elsewhere a line every tenth of the way. */
export interface Progress {
  at(done: number, of: number, what?: string): void;
  stop(): void;
}

/** The progress of one phase. */
export const progressOf = (title: string): Progress => (process.stdout.isTTY ? bar(title) : lines(title));

const bar = (title: string): Progress => {
  const single = new SingleBar({
    format: `${title} {bar} {percentage} %  {value} of {total}  {what}  {eta_formatted} left`,
    // Nothing is changed in the terminal that a kill would leave changed.
    hideCursor: false,
    linewrap: true,
    gracefulExit: false,
  });
  let started = false;
  return {
    at(done, of, what = '') {
      if (!started) single.start(of, done, { what });
      started = true;
      single.update(done, { what });
    },
    stop: () => single.stop(),
  };
};

const lines = (title: string): Progress => {
  let told = 0;
  return {
    at(done, of, what = '') {
      const tenth = Math.floor((10 * done) / of);
      if (tenth > told) console.log(`${title}: ${done} of ${of} ${what}`.trimEnd());
      told = tenth;
    },
    stop() {},
  };
};
