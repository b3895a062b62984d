import type { Activity } from '../../../domain/activities/activity.ts';
import type { Case } from '../../../domain/cases/case.ts';
import type { Hold } from '../../../domain/cases/hold.ts';
import { type CaseEvent, ROUTING_CAUSE } from '../../../domain/facts/fact.ts';
import type { Instant } from '../../../domain/time.ts';
import { accountCases, customerCases } from './customers.ts';
import { allShards, casePk, type IndexKeys, index, type Key, padded, shardOf, unique } from './parts.ts';
import { sweepKeys } from './sweeping.ts';

export const CASE_HEAD_PREFIX = 'CASE';
export const TIMELINE_PREFIX = 'TIMELINE#';
export const RESOLUTION_PREFIX = 'RESOLUTION#';

/** The case that an item belongs to. */
export const caseIdOf = (partition: string): string => partition.slice(casePk('').length);

export const caseCollection = (caseId: string): string => casePk(caseId);
export const caseKey = (caseId: string): Key => ({ PK: casePk(caseId), SK: 'CASE' });
export const activitySummaryKey = (caseId: string): Key => ({ PK: casePk(caseId), SK: 'CASE#ACTIVITIES' });
export const holdKey = (caseId: string): Key => ({ PK: casePk(caseId), SK: 'CASE#HOLD' });
export const timelineKey = (caseId: string, id: string): Key => ({ PK: casePk(caseId), SK: `${TIMELINE_PREFIX}${id}` });

export const resolutionKey = (caseId: string, n: number): Key => ({
  PK: casePk(caseId),
  SK: `${RESOLUTION_PREFIX}${padded(n, 4)}`,
});

/** The mark of what has followed from an event. */
export const actionKey = (caseId: string, eventId: string, n: number): Key => ({
  PK: casePk(caseId),
  SK: `ACTION#${eventId}#${n}`,
});

/** The mark of what a clock has set off: one for each alarm of a promise, however often it is given. */
export const alarmActionKey = (
  caseId: string,
  { kpi, promise, slaId, slaVersion, itemId, alarm, n }: ActionMark,
): Key => ({
  PK: casePk(caseId),
  SK: `ACTION#${kpi}#${promise}#${slaId}#${slaVersion}#${itemId}#${alarm}#${n}`,
});

export interface ActionMark {
  kpi: string;
  promise: number;
  slaId: string;
  slaVersion: number;
  itemId: string;
  alarm: string;
  n: number;
}

export const parkedKey = (caseId: string, eventId: string, reaction: string): Key => ({
  PK: casePk(caseId),
  SK: `PARKED#${eventId}#${reaction}`,
});

export const caseNumberCounterKey: Key = { PK: 'COUNTER', SK: 'CASE_NUMBER' };
export const subjectCases = (subjectId: string): string => `SUBJECT#${subjectId}`;
export const ownerCases = (ownerId: string, status: string): string => `OWNER#${ownerId}#${status}`;
export const externalCases = (externalId: string): string => `EXTERNAL#${externalId}`;
const statusShard = (status: string, shard: number): string => `STATUS#${status}#${shard}`;
export const statusShards = (status: string): string[] => allShards((shard) => statusShard(status, shard));
const routedShard = (day: Instant, shard: number): string => `ROUTED#${day.slice(0, 10)}#${shard}`;

/** The new cases that the rules routed on the day of an instant. */
export const routedShards = (day: Instant): string[] => allShards((shard) => routedShard(day, shard));

export const caseIndexes = (subject: Case): IndexKeys => ({
  ...index(1, customerCases(subject.customerId), unique(subject.createdOn, subject)),
  ...(subject.ownerId && index(2, ownerCases(subject.ownerId, subject.status), unique(subject.createdOn, subject))),
  ...index(3, statusShard(subject.status, shardOf(subject.caseId)), unique(subject.modifiedOn, subject)),
  ...(subject.externalId && index(4, externalCases(subject.externalId), unique(subject.createdOn, subject))),
  ...index(5, accountCases(subject.accountId), unique(subject.createdOn, subject)),
  ...(subject.subjectId && index(6, subjectCases(subject.subjectId), unique(subject.createdOn, subject))),
});

/** Only what the rules decide about new cases is listed: each case once, however often it is sent on later. */
export const eventIndexes = ({ caseId, cause, fact }: CaseEvent): IndexKeys =>
  fact.type === 'case.routed' && cause === ROUTING_CAUSE
    ? index(5, routedShard(fact.occurredAt, shardOf(caseId)), unique(fact.occurredAt, { caseId }))
    : {};

export const holdIndexes = ({ caseId, until }: Hold): IndexKeys => sweepKeys('hold', caseId, until);
const sendingShard = (shard: number): string => `SENDING#${shard}`;

/** Messages that are to leave, by when somebody should look at them. */
export const sendingShards = (): string[] => allShards(sendingShard);

export const activityIndexes = ({ activityId, delivery, sending }: Activity): IndexKeys =>
  delivery === 'queued' && sending?.nextAttemptAt
    ? index(6, sendingShard(shardOf(activityId)), sending.nextAttemptAt)
    : {};

/** The attributes that keep a message on that list. */
export const SENDING_ATTRIBUTES = Object.keys(index(6, '', ''));

/** The attributes that keep a fact on the list of those that read models do not hold yet. */
export const PROJECTION_ATTRIBUTES = Object.keys(index(6, '', ''));

export const projectionIndexes = (caseId: string, at: Instant): IndexKeys => sweepKeys('projection', caseId, at);

export const parkedIndexes = (caseId: string, nextAttemptAt: Instant): IndexKeys =>
  sweepKeys('parked', caseId, nextAttemptAt);
