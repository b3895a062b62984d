import fc from 'fast-check';
import { beforeAll, expect, it } from 'vitest';
import { Calendar } from '../../domain/sla/calendar.ts';
import type { Answer } from '../support/api-client.ts';
import { posts } from '../support/diary.ts';
import { openMinutes, readWallClock } from '../support/minute-stepper.ts';
import { withService } from '../support/service.ts';
import {
  BY,
  expected,
  type History,
  history,
  ON_REOPEN,
  PRIORITIES,
  type Step,
  TARGETS,
} from '../support/sla-model.ts';

/** How many cases live at once, over how many weeks in turn: each week is a run, some with a change of the clock. */
const nightly = process.env.NIGHTLY !== undefined;
const CASES = Number(process.env.MODEL_CASES ?? (nightly ? 100 : 8));
const WEEKS = Number(process.env.MODEL_WEEKS ?? (nightly ? 20 : 1));
const DAYS = nightly ? 6 : 3;

const MINUTE = 60_000;
const WEEK = 7 * 1440;

const week = (...windows: { from: string; to: string }[]) => ({
  mon: windows,
  tue: windows,
  wed: windows,
  thu: windows,
  fri: windows,
});
/** A desk with a break and a holiday, and a night shift; the third one is always open. */
const CALENDARS = [
  {
    timeZone: 'Europe/London',
    weekly: week({ from: '09:00', to: '12:30' }, { from: '13:00', to: '17:00' }),
    holidays: [{ date: '2026-03-03' }, { date: '2026-04-03', from: '12:00', to: '24:00' }],
  },
  {
    timeZone: 'America/New_York',
    weekly: { ...week({ from: '22:00', to: '06:00' }), sun: [{ from: '22:00', to: '06:00' }] },
  },
  undefined,
];

const service = withService();
let monday = Date.parse('2026-03-02T09:00:00.000Z');

beforeAll(async () => {
  for (const [n, calendar] of CALENDARS.entries()) {
    if (calendar) await service.admin.put(`/v1/settings/calendars/desk-${n}`, calendar);
    for (const [onReopen, by] of ON_REOPEN.flatMap((one) => BY.map((field) => [one, field] as const))) {
      const items = (['firstResponse', 'resolve'] as const).flatMap((kpi) =>
        PRIORITIES.map((priority) => ({
          id: `${kpi}-${priority}`,
          kpi,
          when: { field: by, op: 'eq', value: priority },
          targetMinutes: TARGETS[kpi][priority].target,
          warnMinutes: TARGETS[kpi][priority].warn,
          onReopen,
          ...(calendar && { calendarId: `desk-${n}` }),
        })),
      );
      const answer = await service.admin.put(`/v1/settings/slas/${slaOf({ calendar: n, onReopen, by })}`, {
        name: onReopen,
        items,
      });
      expect(answer.status).toBe(200);
    }
  }
});

const slaOf = ({ calendar, onReopen, by }: Pick<History, 'calendar' | 'onReopen' | 'by'>): string =>
  `desk-${calendar}-${onReopen}-${by.replace('.', '-')}`;

/** The customer is edited, and the clocks of the case follow by themselves. */
const edited = async (customerId: string, tier: string): Promise<Answer> => {
  const answer = await service.anna.patch(`/v1/customers/${customerId}`, { tier });
  await service.settled();
  return answer;
};

const carryOut = (caseId: string, { by }: History, customerId: string, step: Step): Promise<Answer> => {
  const { anna, integration } = service;
  const path = `/v1/cases/${caseId}`;
  const message = { type: 'email', body: 'Hello' };
  switch (step.what) {
    case 'hold':
      return anna.patch(path, { statusReason: 'onHold' });
    case 'wait':
      return anna.patch(path, { statusReason: 'waitingForDetails' });
    case 'resume':
      return anna.patch(path, { statusReason: 'inProgress' });
    case 'prioritise':
      return by === 'priority' ? anna.patch(path, { priority: step.priority }) : edited(customerId, step.priority);
    case 'write':
      return integration.post(`${path}/activities`, { ...message, direction: 'inbound' });
    case 'reply':
      return anna.post(`${path}/activities`, { ...message, direction: 'outbound' });
    case 'resolve':
      return anna.post(`${path}/resolve`, { resolutionType: 'problemSolved', resolution: 'Done' });
    case 'cancel':
      return anna.post(`${path}/cancel`, {});
    case 'reactivate':
      return anna.post(`${path}/reactivate`);
  }
};

/** Lets all cases live at once, minute by minute of the service's clock. */
const live = async (histories: readonly History[], from: number): Promise<string[]> => {
  const caseIds: string[] = [];
  const customerIds = await Promise.all(
    histories.map(({ by, priority }) => (by === 'priority' ? 'ada' : service.customer({ tier: priority }))),
  );
  const due = histories.flatMap((told, n) => [
    {
      minute: told.opensAt,
      n,
      act: async () => {
        const { priority } = told;
        const fields = { slaId: slaOf(told), queueId: 'default', customerId: customerIds[n] };
        caseIds[n] = (await service.opened({ ...fields, ...(told.by === 'priority' && { priority }) })).caseId;
      },
    },
    ...told.steps.map((step) => ({
      minute: step.minute,
      n,
      act: async () => {
        const { status, body } = await carryOut(caseIds[n] ?? '', told, customerIds[n] ?? '', step);
        if (status >= 300) throw new Error(`${JSON.stringify(told)} ${step.what}: ${JSON.stringify(body)}`);
      },
    })),
  ]);
  for (const [minute, some] of [...Map.groupBy(due, (one) => one.minute)].sort(([a], [b]) => a - b)) {
    await service.clockTo(new Date(from + minute * MINUTE).toISOString());
    const ofEach = [...Map.groupBy(some, ({ n }) => n).values()];
    await Promise.all(
      ofEach.map(async (steps) => {
        for (const { act } of steps) await act();
      }),
    );
  }
  await service.clockTo(new Date(from + DAYS * 1440 * MINUTE).toISOString());
  return caseIds;
};

/** What the service says of a clock, in the model's words. */
const found = async (caseId: string, from: number) => {
  const minuteOf = (at: string) => (Date.parse(at) - from) / MINUTE;
  const [told, { body }] = await Promise.all([
    posts(service.anna, caseId, 'sla.'),
    service.anna.get(`/v1/cases/${caseId}/sla`),
  ]);
  return (kpi: string) => {
    const story = told
      .filter((post) => post.kpi === kpi)
      .map(({ generation, type, occurredAt }) => `${generation} ${type} ${minuteOf(occurredAt)}`);
    const latest = body.kpis.filter((one: { kpi: string }) => one.kpi === kpi).at(-1);
    const runs = ['inProgress', 'nearingNoncompliance'].includes(latest.status);
    return {
      story,
      status: latest.status,
      usedMinutes: latest.usedMinutes,
      ...(runs && { failsAt: minuteOf(latest.failAt) }),
    };
  };
};

it(`the clocks of ${CASES * WEEKS} cases live as two people with stopwatches write it down`, async () => {
  await service.customer({ id: 'ada' });
  const many = fc.array(history(CALENDARS.length, DAYS), { minLength: CASES, maxLength: CASES });
  await fc.assert(
    fc.asyncProperty(many, async (histories) => {
      const from = monday;
      monday += WEEK * MINUTE;
      const open = CALENDARS.map((calendar) => {
        const span = (DAYS + 20) * 1440;
        if (!calendar) return Array.from({ length: span }, () => true);
        const wall = readWallClock(calendar.timeZone, from, from + span * MINUTE);
        return openMinutes(Calendar.parse(calendar), wall);
      });
      const caseIds = await live(histories, from);
      for (const [n, told] of histories.entries()) {
        const actual = await found(caseIds[n] ?? '', from);
        for (const kpi of ['firstResponse', 'resolve'] as const) {
          const wanted = expected(kpi, told, open[told.calendar] ?? [], DAYS * 1440);
          // What happens in one minute has no order among itself that anyone is promised.
          const sorted = <Clock extends { story: string[] }>(clock: Clock) => ({
            ...clock,
            story: clock.story.toSorted(),
          });
          expect({ told, kpi, ...sorted(actual(kpi)) }).toEqual({ told, kpi, ...sorted(wanted) });
        }
      }
    }),
    // A smaller week would take as long again, and the case that differs is told anyway.
    { numRuns: WEEKS, endOnFailure: true },
  );
}, 3_600_000);
