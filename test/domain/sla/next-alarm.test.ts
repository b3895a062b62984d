import { describe, expect, it } from 'vitest';
import { nextAlarm, roundUpToSecond } from '../../../domain/sla/next-alarm.ts';
import { Life, LONDON, short } from '../../support/sla-builders.ts';

const running = () => Life.start({ warnMinutes: 360 }, LONDON, '2026-03-09 09:00');

describe('the next alarm of a clock', () => {
  it.each([
    ['that runs is its warning', running(), '2026-03-09 15:00'],
    ['without a warning is its deadline', Life.start({}, LONDON, '2026-03-09 09:00'), '2026-03-09 17:00'],
    ['that has warned is its deadline', running().settle('2026-03-09 15:00'), '2026-03-09 17:00'],
    [
      'that has warned and waited is its new deadline',
      running().pause('2026-03-09 16:00').resume('2026-03-10 12:00'),
      '2026-03-10 13:00',
    ],
    ['that waits does not exist', running().pause('2026-03-09 10:00'), undefined],
    ['that was missed does not exist', running().settle('2026-03-09 17:00'), undefined],
    ['that was met does not exist', running().succeed('2026-03-09 10:00'), undefined],
    ['that was cancelled does not exist', running().cancel('2026-03-09 10:00'), undefined],
  ])('%s', (_, { instance }, alarm) => {
    expect(short(nextAlarm(instance))).toBe(alarm);
  });
});

it.each([
  ['2026-03-09T15:00:00.001Z', '2026-03-09T15:00:01.000Z'],
  ['2026-03-09T15:00:00.999Z', '2026-03-09T15:00:01.000Z'],
  ['2026-03-09T15:00:01.000Z', '2026-03-09T15:00:01.000Z'],
])('a timer for %s rings at the whole second %s, never before', (instant, second) => {
  expect(roundUpToSecond(instant)).toBe(second);
});
