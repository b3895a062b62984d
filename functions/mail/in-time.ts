import { createContext, runInContext } from 'node:vm';

/**
 * What some work comes to, or nothing if it takes too long: there are texts for which libraries compute for minutes, and
 * nothing else ends an expression that looks for a match without end.
 */
export const inTime = <T>(timeout: number, work: () => T): T | undefined => {
  let result: T | undefined;
  const run = (): void => {
    result = work();
  };
  try {
    runInContext('run()', createContext({ run }), { timeout });
  } catch {
    return undefined;
  }
  return result;
};
