import { describe, expect, it } from 'vitest';
import type { Calendar } from '../../../domain/sla/calendar.ts';
import type { KpiInstance } from '../../../domain/sla/kpi-instance.ts';
import { recomputeKpi } from '../../../domain/sla/recompute-kpi.ts';
import { resumeKpi } from '../../../domain/sla/resume-kpi.ts';
import { at, everyDay, Life, LONDON, officeHours, short } from '../../support/sla-builders.ts';

const first = { calendarId: 'ldn', calendarVersion: 1, warnMinutes: 360 };
/** Eight hours, warned after six, from Friday 15:30. */
const life = () => Life.start(first, LONDON, '2026-03-06 15:30');
const mondayOff = officeHours('Europe/London', [{ date: '2026-03-09' }]);

const recomputed = ({ instance }: Life, when: string, calendar: Calendar) =>
  recomputeKpi(instance, at(when), { version: 2, calendar }, { cause: 'calendar ldn version 2' });
const dates = ({ warnAt, failAt }: KpiInstance) => [short(warnAt), short(failAt)];

describe('a clock that is counted anew by another version of its calendar', () => {
  it('is due when it would have been, had it been born with it', () => {
    const { instance, facts } = recomputed(life(), '2026-03-06 16:00', mondayOff);
    expect(dates(instance)).toEqual(dates(Life.start(first, mondayOff, '2026-03-06 15:30').instance));
    expect(dates(instance)).toEqual(['2026-03-10 13:30', '2026-03-10 15:30']);
    expect(instance).toMatchObject({ calendarVersion: 2, epoch: 2, status: 'inProgress' });
    expect(facts).toMatchObject([
      {
        type: 'sla.recomputed',
        epoch: 2,
        isMoved: true,
        before: { calendarVersion: 1, warnAt: at('2026-03-09 13:30'), failAt: at('2026-03-09 15:30') },
        failAt: at('2026-03-10 15:30'),
      },
    ]);
  });

  it('gets back the time of a holiday that was forgotten', () => {
    const { instance } = recomputed(life(), '2026-03-09 12:00', mondayOff);
    expect(dates(instance)).toEqual(['2026-03-10 13:30', '2026-03-10 15:30']);
    expect(
      instance.segments.map(({ kind, businessMs, calendarVersion }) => [kind, businessMs, calendarVersion]),
    ).toEqual([
      ['running', 90 * 60_000, 2],
      ['running', undefined, 2],
    ]);
  });

  it('keeps its waits where they were', () => {
    const held = life().pause('2026-03-09 10:00').resume('2026-03-10 14:00');
    expect(dates(held.instance)).toEqual(['2026-03-11 09:30', '2026-03-11 11:30']);
    // An hour of Monday was used, and is not any more.
    expect(dates(recomputed(held, '2026-03-10 15:00', mondayOff).instance)).toEqual([
      '2026-03-11 10:30',
      '2026-03-11 12:30',
    ]);
  });

  it('that waits has no deadline, and resumes with what the new version leaves', () => {
    const { instance } = recomputed(life().pause('2026-03-09 10:00'), '2026-03-09 12:00', mondayOff);
    expect(instance).toMatchObject({ status: 'paused', failAt: undefined, usedMs: 90 * 60_000, epoch: 2 });
    const resumed = resumeKpi(instance, mondayOff, at('2026-03-10 14:00'), { cause: 'resumed' });
    expect(short(resumed.instance.failAt)).toBe('2026-03-11 12:30');
  });

  it('is warned of and missed now, not earlier, when the new version leaves it nothing', () => {
    const roundTheClock = everyDay('Europe/London', { from: '00:00', to: '24:00' });
    const { instance, facts } = recomputed(life(), '2026-03-07 12:00', roundTheClock);
    expect(instance).toMatchObject({ status: 'noncompliant', breachedAt: at('2026-03-07 12:00') });
    expect(facts.map(({ type, occurredAt }) => `${type} ${short(occurredAt)}`)).toEqual([
      'sla.recomputed 2026-03-07 12:00',
      'sla.breached 2026-03-07 12:00',
    ]);
  });

  it('takes back no warning that was given', () => {
    const { instance } = recomputed(life(), '2026-03-09 14:00', mondayOff);
    expect(instance).toMatchObject({ status: 'nearingNoncompliance', warnedAt: at('2026-03-09 13:30') });
    expect(short(instance.failAt)).toBe('2026-03-10 15:30');
  });

  it('keeps its alarm where nothing moves', () => {
    const later = officeHours('Europe/London', [{ date: '2026-12-25' }]);
    const { instance, facts } = recomputed(life(), '2026-03-06 16:00', later);
    expect(instance).toMatchObject({ calendarVersion: 2, epoch: 1, revision: 2 });
    expect(facts).toMatchObject([{ type: 'sla.recomputed', isMoved: false, epoch: 1 }]);
  });

  it.each([
    ['was met', life().succeed('2026-03-09 09:30')],
    ['was missed by the old one', life().settle('2026-03-09 15:30')],
    ['is void', life().cancel('2026-03-09 09:30')],
  ])('stays as it is when it %s', (_, ended) => {
    expect(recomputed(ended, '2026-03-09 16:00', mondayOff)).toEqual({ instance: ended.instance, facts: [] });
  });

  it('stays missed when the old version had missed it by now, told or not', () => {
    const { instance, facts } = recomputed(life(), '2026-03-09 16:00', mondayOff);
    expect(instance).toMatchObject({ status: 'noncompliant', breachedAt: at('2026-03-09 15:30') });
    expect(facts.map(({ type }) => type)).toEqual(['sla.warning', 'sla.breached']);
  });

  it('leaves alone what another calendar counted under earlier terms', () => {
    const nyc = { calendarId: 'nyc', calendarVersion: 7 };
    const moved = life().retarget(
      '2026-03-09 10:00',
      { ...nyc, warnMinutes: 360 },
      { calendar: officeHours('America/New_York') },
    );
    const { instance } = recomputed(moved, '2026-03-09 12:00', mondayOff);
    expect(instance.segments[0]).toMatchObject({ calendarId: 'ldn', calendarVersion: 1, businessMs: 150 * 60_000 });
  });
});
