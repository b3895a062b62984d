import { describe, expect, it } from 'vitest';
import { countsOf } from '../../../domain/reports/counts.ts';
import { untold } from '../../../domain/reports/story.ts';
import { EARLIER, fileOf, NOW, resolvedCase } from '../../support/case-builders.ts';

const resolved = { at: EARLIER, status: 'resolved', statusReason: 'problemSolved', by: 'anna' };
const closings = (asBefore: boolean) => {
  const story = {
    ...untold,
    closings: [
      { ...resolved, version: 2 },
      { ...resolved, version: 4, at: NOW, asBefore },
    ],
    reopenings: [{ version: 3, at: NOW }],
  };
  const counted = [...countsOf(story, fileOf(resolvedCase()))].filter(([cell]) => cell.includes('closed'));
  const sum = (measure: string) =>
    counted.filter(([cell]) => cell.includes(measure) && cell.includes('all')).reduce((all, [, n]) => all + n, 0);
  return { cases: sum('cases'), reopened: sum('reopened') };
};

describe('what is counted of a case that was reopened', () => {
  it('is two resolutions, of which the first did not hold', () => {
    expect(closings(false)).toEqual({ cases: 2, reopened: 1 });
  });

  it('is one resolution, when it was reopened for nothing', () => {
    expect(closings(true)).toEqual({ cases: 1, reopened: 0 });
  });
});
