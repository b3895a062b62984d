import type { Calendar } from '../../domain/sla/calendar.ts';
import { cancelKpi } from '../../domain/sla/cancel-kpi.ts';
import type { KpiChange, SlaFact } from '../../domain/sla/kpi-change.ts';
import type { KpiInstance, KpiTerms } from '../../domain/sla/kpi-instance.ts';
import { pauseKpi } from '../../domain/sla/pause-kpi.ts';
import { type Reopening, reopenKpi } from '../../domain/sla/reopen-kpi.ts';
import { resumeKpi } from '../../domain/sla/resume-kpi.ts';
import { retargetKpi } from '../../domain/sla/retarget-kpi.ts';
import { settleKpi } from '../../domain/sla/settle-kpi.ts';
import { type Start, startKpi } from '../../domain/sla/start-kpi.ts';
import { succeedKpi } from '../../domain/sla/succeed-kpi.ts';
import { Instant } from '../../domain/time.ts';

/** `2026-03-09 13:30` in UTC, as an instant; an instant stays one. */
export const at = (text: string): Instant => Instant.parse(text.endsWith('Z') ? text : `${text.replace(' ', 'T')}:00Z`);

const nineToFive = [{ from: '09:00', to: '17:00' }];

/** Monday to Friday, nine to five: 480 minutes a day. */
export const officeHours = (timeZone: string, holidays: Calendar['holidays'] = []): Calendar => ({
  timeZone,
  weekly: { mon: nineToFive, tue: nineToFive, wed: nineToFive, thu: nineToFive, fri: nineToFive },
  holidays,
});

/** London keeps UTC until 29 March 2026, so that the instants of tests before it read as local times. */
export const LONDON = officeHours('Europe/London');

/** The same windows every day of the week. */
export const everyDay = (timeZone: string, ...windows: { from: string; to: string }[]): Calendar => ({
  timeZone,
  weekly: { mon: windows, tue: windows, wed: windows, thu: windows, fri: windows, sat: windows, sun: windows },
  holidays: [],
});

export const CASE_ID = '0196b3a0-0000-7000-8000-000000000001';

export const terms = (changed: Partial<KpiTerms> = {}): KpiTerms => ({
  kpi: 'resolve',
  slaId: 'standard',
  slaVersion: 1,
  itemId: 'normal',
  targetMinutes: 480,
  allowPause: true,
  onReopen: 'continue',
  ...changed,
});

/** The life of a clock told step by step: the present instance, and all facts in the order of their making. */
export class Life {
  readonly instance: KpiInstance;
  readonly facts: readonly SlaFact[];
  /** The instances that others took the place of, oldest first. */
  readonly earlier: readonly KpiInstance[];
  readonly calendar: Calendar | undefined;

  private constructor(calendar: Calendar | undefined, change: KpiChange, before?: Life) {
    this.calendar = calendar;
    this.instance = change.successor ?? change.instance;
    this.facts = [...(before?.facts ?? []), ...change.facts];
    this.earlier = [...(before?.earlier ?? []), ...(change.successor ? [change.instance] : [])];
  }

  static start(
    promised: Partial<KpiTerms>,
    calendar: Calendar | undefined,
    startedAt: string,
    how: Partial<Start> & { now?: string } = {},
  ): Life {
    const { now = startedAt, ...rest } = how;
    const start = { caseId: CASE_ID, ...rest, startedAt: at(startedAt) };
    return new Life(calendar, startKpi(terms(promised), calendar, at(now), start));
  }

  pause(when: string, cause = 'status reason onHold'): Life {
    return this.after(pauseKpi(this.instance, this.calendar, at(when), { cause }));
  }
  resume(when: string, how: { now?: string } = {}): Life {
    const resumption = { at: at(when), cause: 'status reason inProgress' };
    return this.after(resumeKpi(this.instance, this.calendar, at(how.now ?? when), resumption));
  }
  settle(when: string): Life {
    return this.after(settleKpi(this.instance, at(when)));
  }
  succeed(when: string, how: { now?: string } = {}): Life {
    return this.after(succeedKpi(this.instance, this.calendar, at(when), at(how.now ?? when)));
  }
  cancel(when: string, how: { now?: string } = {}): Life {
    const now = at(how.now ?? when);
    return this.after(cancelKpi(this.instance, this.calendar, at(when), { cause: 'case cancelled', now }));
  }
  retarget(when: string, promised: Partial<KpiTerms>, how: { onHold?: boolean; calendar?: Calendar } = {}): Life {
    const { calendar = this.calendar, onHold } = how;
    const retarget = { terms: terms({ itemId: 'high', ...promised }), calendar, onHold, cause: 'priority high' };
    return this.after(retargetKpi(this.instance, this.calendar, at(when), retarget), calendar);
  }
  reopen(when: string, how?: Reopening): Life {
    return this.after(reopenKpi(this.instance, this.calendar, at(when), how));
  }

  /** What happened, as `sla.warning 2026-03-09 15:00`. */
  get story(): string[] {
    return this.facts.map(({ type, occurredAt }) => `${type} ${short(occurredAt)}`);
  }

  private after(change: KpiChange, calendar = this.calendar): Life {
    return new Life(calendar, change, this);
  }
}

/** An instant as `2026-03-09 13:30`, when it lies on a minute. */
export const short = (instant: Instant | undefined): string | undefined =>
  instant?.replace('T', ' ').replace(':00.000Z', '');
