import type { KpiInstance } from '../../../domain/sla/kpi-instance.ts';
import { hasEnded } from '../../../domain/sla/kpi-lifecycle.ts';
import { nextAlarm } from '../../../domain/sla/next-alarm.ts';
import type { Recomputation } from '../../../domain/sla/recomputation.ts';
import { type Instant, toInstant, toMs } from '../../../domain/time.ts';
import { allShards, casePk, type IndexKeys, index, type Key, padded, shardOf, unique } from './parts.ts';
import { sweepKeys } from './sweeping.ts';

export const kpiKey = (caseId: string, kpi: string, generation: number): Key => ({
  PK: casePk(caseId),
  SK: `CASE#KPI#${kpi}#${padded(generation, 4)}`,
});

const calendarPk = (calendarId: string): string => `CALENDAR#${calendarId}`;

/** The calendar that an item belongs to. */
export const calendarIdOf = (partition: string): string => partition.slice(calendarPk('').length);

export const recomputationKey = (calendarId: string): Key => ({ PK: calendarPk(calendarId), SK: 'RECOMPUTATION' });

/** Where the clocks stand that a recomputation has moved. */
export const movedClocks = (recomputationId: string): string => `RECOMPUTATION#${recomputationId}`;

export const movedClockKey = (recomputationId: string, caseId: string, kpi: string, generation: number): Key => ({
  PK: movedClocks(recomputationId),
  SK: `${caseId}#${kpi}#${padded(generation, 4)}`,
});

export const recomputationIndexes = ({ calendarId, lookAt }: Recomputation): IndexKeys =>
  lookAt ? sweepKeys('recomputation', calendarId, lookAt) : {};

/** The attributes that put a clock on the list of far alarms. */
export const FAR_ALARM_ATTRIBUTES = Object.keys(index(5, '', ''));

/** Step Functions waits a year at most; alarms further away than this are armed by the sweeper when they come nearer. */
export const FAR_ALARM_MS = 300 * 24 * 60 * 60_000;

/**
 * Clocks by the instant at which they fail: those that have warned, and those that never warn. One that will warn is in
 * neither: until then it is not at risk.
 */
const dueShard = (is: 'warned' | 'unwarned', shard: number): string => `DUE#${is}#${shard}`;

export const dueShards = (is: 'warned' | 'unwarned'): string[] => allShards((shard) => dueShard(is, shard));

const dueKeys = (instance: KpiInstance): IndexKeys => {
  const { status, warnAt, failAt, caseId } = instance;
  if (!failAt || (status === 'inProgress' && warnAt)) return {};
  const is = status === 'nearingNoncompliance' ? 'warned' : 'unwarned';
  return index(1, dueShard(is, shardOf(caseId)), unique(failAt, instance));
};

/** The open clocks that count by a calendar, those of its oldest versions first. */
const calendarShard = (calendarId: string, shard: number): string => `CALENDAR#${calendarId}#${shard}`;

export const calendarShards = (calendarId: string): string[] => allShards((shard) => calendarShard(calendarId, shard));

/** A bound of their sort keys: all clocks of versions before this one lie below it. */
export const beforeVersion = (version: number): string => padded(version, 8);

export const calendarKeys = (instance: KpiInstance): IndexKeys => {
  const { calendarId, calendarVersion, caseId, kpi, generation } = instance;
  if (!calendarId || !calendarVersion || hasEnded(instance)) return {};
  const position = `${beforeVersion(calendarVersion)}#${caseId}#${kpi}#${generation}`;
  return index(2, calendarShard(calendarId, shardOf(caseId)), position);
};

export const kpiIndexes = (instance: KpiInstance, now: Instant): IndexKeys => {
  const next = nextAlarm(instance);
  if (!next) return calendarKeys(instance);
  const armAt = toMs(next) - FAR_ALARM_MS;
  return {
    ...calendarKeys(instance),
    ...dueKeys(instance),
    ...sweepKeys('timer', instance.caseId, next),
    ...(armAt > toMs(now) && sweepKeys('arm', instance.caseId, toInstant(armAt))),
  };
};
