import { type Instant, toInstant, toMs } from '../time.ts';
import type { KpiInstance } from './kpi-instance.ts';
import { nextWarning } from './warnings.ts';

/** The earliest thing that a running clock still has to do by itself: to warn or, when it has warned, to fail. */
export const nextAlarm = (instance: KpiInstance): Instant | undefined =>
  instance.status === 'inProgress' || instance.status === 'nearingNoncompliance'
    ? (nextWarning(instance) ?? instance.failAt)
    : undefined;

/** The first whole second not before an instant: timers cut off milliseconds and would ring too early. */
export const roundUpToSecond = (instant: Instant): Instant => toInstant(Math.ceil(toMs(instant) / 1000) * 1000);
