import { createHash } from 'node:crypto';
import type { Activity } from '../../domain/activities/activity.ts';
import type { ArticleTerm } from '../../domain/articles/find-articles.ts';
import type { Broadcast } from '../../domain/broadcast/broadcast.ts';
import type { Case } from '../../domain/cases/case.ts';
import type { Hold } from '../../domain/cases/hold.ts';
import type { Customer } from '../../domain/customers/customer.ts';
import type { Following } from '../../domain/customers/following.ts';
import type { Entitlement } from '../../domain/entitlements/entitlement.ts';
import type { Erasure } from '../../domain/erasure/erasure.ts';
import { type CaseEvent, ROUTING_CAUSE } from '../../domain/facts/fact.ts';
import type { Family } from '../../domain/hierarchy/family.ts';
import { isUnderWay, type Merges } from '../../domain/merge/merges.ts';
import type { User } from '../../domain/people/user.ts';
import type { Placement } from '../../domain/queues/queue.ts';
import type { Cell } from '../../domain/reports/cell.ts';
import type { KpiInstance } from '../../domain/sla/kpi-instance.ts';
import { hasEnded } from '../../domain/sla/kpi-lifecycle.ts';
import { nextAlarm } from '../../domain/sla/next-alarm.ts';
import type { Recomputation } from '../../domain/sla/recomputation.ts';
import type { TemplateRuns } from '../../domain/templates/case-template.ts';
import { type Instant, toInstant, toMs } from '../../domain/time.ts';
import type { Delivery } from '../../domain/webhooks/delivery.ts';
import type { SubscriptionState } from '../../domain/webhooks/subscription.ts';
import { SECRETS, type SecretKind } from './schema.ts';

/**
 * The one table. Everything of a case is in its partition; the head of the collection (every sort key that starts with
 * `CASE`) is what a command reads, in one Query. Indexes hold keys only: lists read the cases themselves afterwards, so
 * that a change of a case that moves it in no list costs no index write.
 *
 * | entity      | PK                        | SK                        | indexes                                              |
 * | ----------- | ------------------------- | ------------------------- | ---------------------------------------------------- |
 * | case        | CASE#<case>               | CASE                      | 1 CUSTOMER#<customer> / <createdOn>                  |
 * |             |                           |                           | 2 OWNER#<owner>#<status> / <createdOn>               |
 * |             |                           |                           | 3 STATUS#<status>#<shard> / <modifiedOn>             |
 * |             |                           |                           | 4 EXTERNAL#<externalId> / <createdOn>                |
 * |             |                           |                           | 5 ACCOUNT#<account> / <createdOn>                    |
 * |             |                           |                           | 6 SUBJECT#<subject> / <createdOn>                    |
 * | activities  | CASE#<case>               | CASE#ACTIVITIES           | (the summary)                                        |
 * | family      | CASE#<parent>             | CASE#FAMILY               | 6 SWEEP#cascade#<shard> / <progressAt>, while running |
 * |             |                           |                           | 3 FAMILIES#<shard> / <parent>, once it has had a child |
 * | KPI         | CASE#<case>               | CASE#KPI#<kpi>#<gen>      | 6 SWEEP#timer#<shard> / <next alarm>, while running  |
 * |             |                           |                           | 5 SWEEP#arm#<shard> / <arm at>, far alarms           |
 * |             |                           |                           | 1 DUE#warned#<shard> / <fail at>, while running      |
 * |             |                           |                           | 1 DUE#unwarned#<shard> / <fail at>, without a warning |
 * |             |                           |                           | 2 CALENDAR#<calendar>#<shard> / <version>#<case>, while open |
 * | merges      | CASE#<case>               | CASE#MERGES               | 6 SWEEP#move#<shard> / <progressAt>, while moving    |
 * | hold        | CASE#<case>               | CASE#HOLD                 | 6 SWEEP#hold#<shard> / <until>                       |
 * | placement   | CASE#<case>               | CASE#PLACEMENT            | 1 QUEUE#<queue> / <priority>#<since>, while queued   |
 * |             |                           |                           | 2 QUEUE#<queue>#FREE, or #BY#<user> / the same       |
 * |             |                           |                           | 6 SWEEP#release#<shard> / <release at>, while worked |
 * |             |                           |                           | 6 SWEEP#unrouted#<shard> / <since>, while waiting    |
 * | child link  | CASE#<parent>             | CHILD#<child>             |                                                      |
 * | broadcast   | CASE#<parent>             | BROADCAST#<broadcast>     | 6 SWEEP#broadcast#<shard> / <progressAt>, while running |
 * | link        | CASE#<case>               | LINK#<other>#<kind>       | (that are no hierarchy; one on each side)            |
 * | event       | CASE#<case>               | TIMELINE#<event>          | 5 ROUTED#<day>#<shard> / <at>, rules' first decision |
 * |             |                           |                           | 6 SWEEP#projection#<shard> / <at>, until read models |
 * |             |                           |                           | hold it (ids sort by time of occurrence)             |
 * | activity    | CASE#<case>               | TIMELINE#<activity>       | 6 SENDING#<shard> / <look at>, while it is to leave  |
 * | resolution  | CASE#<case>               | RESOLUTION#<nnnn>         |                                                      |
 * | done        | CASE#<case>               | ACTION#<event>#<n>        | (what followed from an event; of a clock:            |
 * |             |                           |                           | ACTION#<kpi>#<promise>#<sla>#<version>#<item>#<alarm>#<n>) |
 * | parked      | CASE#<case>               | PARKED#<event>#<reaction> | 6 SWEEP#parked#<shard> / <next attempt>              |
 * | customer    | CUSTOMER#<customer>       | CUSTOMER                  | 1 CONTACTS#<account> / <createdOn>, of an account    |
 * | erasure     | CUSTOMER#<customer>       | ERASURE                   | 6 SWEEP#erasure…#<shard> / <look at>                 |
 * | following   | CUSTOMER#<customer>       | FOLLOWING#<following>     | 6 SWEEP#following…#<shard> / <look at>, until done   |
 * | user        | USER#<user>               | USER                      | 1 USERS / <user>                                     |
 * |             |                           |                           | 2 QUEUEUSERS#<queue> / <user>, of the default queue  |
 * |             |                           |                           | 6 SWEEP#handOver…#<shard> / <look at>                |
 * | terms       | CASE#<case>               | TERMS                     | (what the case is found by)                          |
 * | posting     | SEARCH#WORD#<lead>#<shard> | <createdOn>#<case>       | (a case's words with these first letters)            |
 * | posting     | SEARCH#EXACT#<hash>       | <createdOn>#<case>        | (a case's number, or what others call it)            |
 * | posting     | SEARCH#CUSTOMER#<lead>    | <term>#<customer>         | (what a customer is found by)                        |
 * | entitlement | ENTITLEMENT#<entitlement> | ENTITLEMENT               | 1 ENTITLEMENTS#<customer> / <createdOn>              |
 * |             |                           |                           | 2 SLA#<sla> / <createdOn>, unless cancelled          |
 * | movement    | ENTITLEMENT#<entitlement> | MOVEMENT#<movement>       | (movement ids sort by time)                          |
 * | article link | CASE#<case>              | ARTICLE#<article>         |                                                      |
 * | article     | ARTICLE#<article>         | ARTICLE                   |                                                      |
 * | version     | ARTICLE#<article>         | VERSION#<nnnnnnnn>        | (only its state ever changes)                        |
 * | term        | ARTICLES#<term>           | <article>                 | (what articles are listed and found by)              |
 * | lead        | LEAD#<lead>               | LEAD                      |                                                      |
 * | opportunity | OPPORTUNITY#<opportunity> | OPPORTUNITY               |                                                      |
 * | counted     | CASE#<case>               | COUNTED                   | (what reports have counted of the case)              |
 * | search      | ARTICLE_SEARCH#<search>   | SEARCH                    | (expires, or goes when an article is opened)         |
 * | report row  | REPORT#<gen>#<cube>#<month>#<shard> | <day>#<dims>    | (sums by quarter of an hour)                         |
 * | reports     | REPORTS                   | HEAD                      | (which generation of rows is read)                   |
 * | settings    | SETTINGS                  | HEAD                      | (generation of each kind, active rule set)           |
 * | setting     | SETTINGS#<kind>           | <id>                      | (the present version)                                |
 * | old version | SETTINGS#<kind>#<id>      | V#<nnnnnnnn>              | (immutable)                                          |
 * | field use   | CUSTOM_FIELDS             | USE#<field>               | (some case has or had this custom field)             |
 * | looked at   | CUSTOMER_FIELDS           | USE#<field>               | (some SLA looks or looked at this field of customers) |
 * | reason use  | REASONS                   | USE#<reason>              | (last used on, to the day)                           |
 * | reason count| REASON#<reason>#<shard>   | CASES#<shard>             | (cases that stand in a reason that is not built in)  |
 * | recomputation | CALENDAR#<calendar>     | RECOMPUTATION             | 6 SWEEP#recomputation#<shard> / <look at>, until done |
 * | moved clock | RECOMPUTATION#<id>        | <case>#<kpi>#<gen>        | (expires)                                            |
 * | template runs | TEMPLATE#<template>     | RUNS                      | 6 SWEEP#template#<shard> / <next due>                |
 * | subscription | SUBSCRIPTION#<subscription> | STATE                  | 6 SWEEP#deliveries#<shard> / <look at>               |
 * | delivery    | DELIVERIES#<subscription>#<shard> | <delivery>        | 1 DELIVERIES#<subscription>#DUE#<shard> / <due at>   |
 * |             |                           |                           | 2 DELIVERIES#<subscription>#CASE#<case> / <delivery>, |
 * |             |                           |                           | in order; both while pending (ids sort by time)      |
 * | secret head | SECRETS#<kind>#<owner>    | HEAD                      | (which secrets hold; not what they are)              |
 * | secret      | SECRET#<kind>#<owner>     | V#<nnnnnnnn>              | (read only by who uses it; expires once replaced)    |
 * | message     | MESSAGE#<hash>            | MESSAGE                   | (what a message id was answered; expires)            |
 * | conversation| CONVERSATION#<hash>       | CONVERSATION              | (which case a conversation's key leads to)           |
 * | contact     | CASE#<case>               | CHANNEL#<channel>         | (how the case's customer is reached there)           |
 * | intake      | INTAKE#<channel>          | <intake>                  | (what became of a message; ids sort by time)         |
 * | raw message | INTAKE_RAW#<intake>       | RAW                       | (as it came in; expires)                             |
 * | rate        | RATE#<channel>            | <minute>                  | (messages in that minute; expires)                   |
 * | attachment  | ATTACHMENT#<attachment>   | ATTACHMENT                |                                                      |
 * | idempotency | IDEMPOTENCY#<hash>        | IDEMPOTENCY               | (expires)                                            |
 * | imported    | IMPORTED#<hash>           | IMPORTED                  | (what a row of an import became)                     |
 * | migration   | MIGRATION#<migration>     | SEGMENT#<nnnn>            | (how far it has come in a segment of the table)      |
 * | counter     | COUNTER                   | CASE_NUMBER               |                                                      |
 */
export interface Key {
  PK: string;
  SK: string;
}

/** Index attributes of one item. */
export type IndexKeys = Record<string, string>;

const index = (n: number, partition: string, sort: string): IndexKeys => ({
  [`GSI${n}PK`]: partition,
  [`GSI${n}SK`]: sort,
});

/** DynamoDB sorts strings, and "10" < "9". */
const padded = (n: number, width: number): string => String(n).padStart(width, '0');

/** An index over "now" is spread over this many partitions: one takes 1,000 writes a second. */
export const SHARDS = 8;
const shardOf = (id: string, byte = 0): number => (createHash('sha256').update(id).digest()[byte] ?? 0) % SHARDS;

const casePk = (caseId: string): string => `CASE#${caseId}`;
export const CASE_HEAD_PREFIX = 'CASE';
export const TIMELINE_PREFIX = 'TIMELINE#';
export const CHILD_PREFIX = 'CHILD#';
export const RESOLUTION_PREFIX = 'RESOLUTION#';

/** The case that an item belongs to. */
export const caseIdOf = (partition: string): string => partition.slice(casePk('').length);
export const caseCollection = (caseId: string): string => casePk(caseId);
export const caseKey = (caseId: string): Key => ({ PK: casePk(caseId), SK: 'CASE' });
export const activitySummaryKey = (caseId: string): Key => ({ PK: casePk(caseId), SK: 'CASE#ACTIVITIES' });
export const familyKey = (caseId: string): Key => ({ PK: casePk(caseId), SK: 'CASE#FAMILY' });
export const mergesKey = (caseId: string): Key => ({ PK: casePk(caseId), SK: 'CASE#MERGES' });
export const holdKey = (caseId: string): Key => ({ PK: casePk(caseId), SK: 'CASE#HOLD' });
export const placementKey = (caseId: string): Key => ({ PK: casePk(caseId), SK: 'CASE#PLACEMENT' });
export const migrationKey = (migrationId: string, segment: number): Key => ({
  PK: `MIGRATION#${migrationId}`,
  SK: `SEGMENT#${padded(segment, 4)}`,
});
export const kpiKey = (caseId: string, kpi: string, generation: number): Key => ({
  PK: casePk(caseId),
  SK: `CASE#KPI#${kpi}#${padded(generation, 4)}`,
});
export const childLinkKey = (parentId: string, childId: string): Key => ({
  PK: casePk(parentId),
  SK: childPosition(childId),
});
/** Where a child's link stands among its parent's: what a cascade's cursor is. */
export const childPosition = (childId: string): string => `${CHILD_PREFIX}${childId}`;
export const BROADCAST_PREFIX = 'BROADCAST#';
export const broadcastKey = (caseId: string, broadcastId: string): Key => ({
  PK: casePk(caseId),
  SK: `${BROADCAST_PREFIX}${broadcastId}`,
});
export const LINK_PREFIX = 'LINK#';
/** What the sort keys of all links between two cases begin with. */
export const linksBetween = (otherId: string): string => `${LINK_PREFIX}${otherId}#`;
export const linkKey = (caseId: string, otherId: string, kind: string): Key => ({
  PK: casePk(caseId),
  SK: `${linksBetween(otherId)}${kind}`,
});
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
const customerPk = (customerId: string): string => `CUSTOMER#${customerId}`;
/** The customer that an item belongs to. */
export const customerIdOf = (partition: string): string => partition.slice(customerPk('').length);
export const customerKey = (customerId: string): Key => ({ PK: customerPk(customerId), SK: 'CUSTOMER' });
/** How far a customer's erasure has come. */
export const erasureKey = (customerId: string): Key => ({ PK: customerPk(customerId), SK: 'ERASURE' });
/** How far an edit of a customer has been followed by the clocks of their cases. */
export const followingKey = (customerId: string, followingId: string): Key => ({
  PK: customerPk(customerId),
  SK: `FOLLOWING#${followingId}`,
});
const userPk = (userId: string): string => `USER#${userId}`;
/** The user that an item belongs to. */
export const userIdOf = (partition: string): string => partition.slice(userPk('').length);
export const userKey = (userId: string): Key => ({ PK: userPk(userId), SK: 'USER' });
export const allUsers = 'USERS';
export const usersOfQueue = (queueId: string): string => `QUEUEUSERS#${queueId}`;
const entitlementPk = (entitlementId: string): string => `ENTITLEMENT#${entitlementId}`;
export const MOVEMENT_PREFIX = 'MOVEMENT#';
/** The entitlement that an item belongs to. */
export const entitlementIdOf = (partition: string): string => partition.slice(entitlementPk('').length);
export const entitlementCollection = (entitlementId: string): string => entitlementPk(entitlementId);
export const entitlementKey = (entitlementId: string): Key => ({ PK: entitlementPk(entitlementId), SK: 'ENTITLEMENT' });
export const movementKey = (entitlementId: string, movementId: string): Key => ({
  PK: entitlementPk(entitlementId),
  SK: `${MOVEMENT_PREFIX}${movementId}`,
});
const articlePk = (articleId: string): string => `ARTICLE#${articleId}`;
export const ARTICLE_LINK_PREFIX = 'ARTICLE#';
export const articleKey = (articleId: string): Key => ({ PK: articlePk(articleId), SK: 'ARTICLE' });
export const articleVersionKey = (articleId: string, version: number): Key => ({
  PK: articlePk(articleId),
  SK: `VERSION#${padded(version, 8)}`,
});
export const articleLinkKey = (caseId: string, articleId: string): Key => ({
  PK: casePk(caseId),
  SK: articlePosition(articleId),
});
/** Where an article's link stands among those of its case. */
export const articlePosition = (articleId: string): string => `${ARTICLE_LINK_PREFIX}${articleId}`;
export const articlesBy = (term: ArticleTerm): string => `ARTICLES#${term}`;
export const articleTermKey = (term: ArticleTerm, articleId: string): Key => ({ PK: articlesBy(term), SK: articleId });
export const leadKey = (leadId: string): Key => ({ PK: `LEAD#${leadId}`, SK: 'LEAD' });
export const opportunityKey = (opportunityId: string): Key => ({
  PK: `OPPORTUNITY#${opportunityId}`,
  SK: 'OPPORTUNITY',
});
const templatePk = (templateId: string): string => `TEMPLATE#${templateId}`;
/** The case template that an item belongs to. */
export const templateIdOf = (partition: string): string => partition.slice(templatePk('').length);
export const templateRunsKey = (templateId: string): Key => ({ PK: templatePk(templateId), SK: 'RUNS' });
export const settingsHeadKey: Key = { PK: 'SETTINGS', SK: 'HEAD' };
export const settingCollection = (kind: string): string => `SETTINGS#${kind}`;
export const settingKey = (kind: string, id: string): Key => ({ PK: settingCollection(kind), SK: id });
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
export const settingVersions = (kind: string, id: string): string => `SETTINGS#${kind}#${id}`;
export const settingVersionKey = (kind: string, id: string, version: number): Key => ({
  PK: settingVersions(kind, id),
  SK: `V#${padded(version, 8)}`,
});
const subscriptionPk = (subscriptionId: string): string => `SUBSCRIPTION#${subscriptionId}`;
/** The webhook subscription that an item belongs to. */
export const subscriptionIdOf = (partition: string): string => partition.slice(subscriptionPk('').length);
export const subscriptionStateKey = (subscriptionId: string): Key => ({
  PK: subscriptionPk(subscriptionId),
  SK: 'STATE',
});
const deliveryShard = (subscriptionId: string, shard: number): string => `DELIVERIES#${subscriptionId}#${shard}`;
/** The log of a subscription's deliveries. */
export const deliveryShards = (subscriptionId: string): string[] =>
  allShards((shard) => deliveryShard(subscriptionId, shard));
export const deliveryKey = (subscriptionId: string, deliveryId: string): Key => ({
  PK: deliveryShard(subscriptionId, shardOf(deliveryId)),
  SK: deliveryId,
});
const dueDeliveryShard = (subscriptionId: string, shard: number): string => `DELIVERIES#${subscriptionId}#DUE#${shard}`;
export const dueDeliveryShards = (subscriptionId: string): string[] =>
  allShards((shard) => dueDeliveryShard(subscriptionId, shard));
export const pendingDeliveriesOf = (subscriptionId: string, caseId: string): string =>
  `DELIVERIES#${subscriptionId}#CASE#${caseId}`;
/** Roles are kept from these partitions by how their names begin (`infra/constructs/service-function.ts`). */
export const secretVersions = ({ kind, id }: { kind: SecretKind; id: string }): string =>
  `${SECRETS.prefix}#${kind}#${id}`;
export const SECRET_VERSION_PREFIX = 'V#';
export const secretVersionKey = (owner: { kind: SecretKind; id: string }, version: number): Key => ({
  PK: secretVersions(owner),
  SK: `${SECRET_VERSION_PREFIX}${padded(version, 8)}`,
});
export const secretHeadKey = ({ kind, id }: { kind: SecretKind; id: string }): Key => ({
  PK: `SECRETS#${kind}#${id}`,
  SK: 'HEAD',
});
export const fieldUseKey = (name: string): Key => ({ PK: 'CUSTOM_FIELDS', SK: `USE#${name}` });
export const CUSTOMER_FIELD_USES = 'CUSTOMER_FIELDS';
export const customerFieldUseKey = (field: string): Key => ({ PK: CUSTOMER_FIELD_USES, SK: `USE#${field}` });
export const REASON_USES = 'REASONS';
export const reasonUseKey = (reasonId: string): Key => ({ PK: REASON_USES, SK: `USE#${reasonId}` });
export const reasonCounts = (reasonId: string): string[] => allShards((shard) => `REASON#${reasonId}#${shard}`);
/** Each reason has 64 counters over 8 partitions, so that cases which move to the same one do not wait for each other. */
export const reasonCountKeys = (reasonId: string): Key[] =>
  reasonCounts(reasonId).flatMap((PK) => allShards((shard) => `CASES#${shard}`).map((SK) => ({ PK, SK })));
/** The one of them that counts a case. */
export const reasonCountKey = (reasonId: string, caseId: string): Key => ({
  PK: `REASON#${reasonId}#${shardOf(caseId)}`,
  SK: `CASES#${shardOf(caseId, 1)}`,
});
export const caseNumberCounterKey: Key = { PK: 'COUNTER', SK: 'CASE_NUMBER' };

/** One record a caller, route and key; hashed, because a caller's key may be any text. */
export const idempotencyKey = (caller: string, route: string, key: string): Key => ({
  PK: `IDEMPOTENCY#${createHash('sha256')
    .update(JSON.stringify([caller, route, key]))
    .digest('hex')}`,
  SK: 'IDEMPOTENCY',
});

/** Hashed: what providers call a message, or a conversation, may be any text. `scope` is how far the name reaches. */
export const messageKey = (scope: string, externalId: string): Key => ({
  PK: `MESSAGE#${hashed(scope, externalId)}`,
  SK: 'MESSAGE',
});
export const conversationKey = (scope: string, key: string): Key => ({
  PK: `CONVERSATION#${hashed(scope, key)}`,
  SK: 'CONVERSATION',
});
const hashed = (...parts: string[]): string => createHash('sha256').update(JSON.stringify(parts)).digest('hex');
export const CHANNEL_CONTACT_PREFIX = 'CHANNEL#';
export const channelContactKey = (caseId: string, channelId: string): Key => ({
  PK: casePk(caseId),
  SK: `${CHANNEL_CONTACT_PREFIX}${channelId}`,
});
export const intakeCollection = (channelId: string): string => `INTAKE#${channelId}`;
export const intakeKey = (channelId: string, intakeId: string): Key => ({
  PK: intakeCollection(channelId),
  SK: intakeId,
});
export const rawMessageKey = (intakeId: string): Key => ({ PK: `INTAKE_RAW#${intakeId}`, SK: 'RAW' });
export const rateKey = (channelId: string, minute: string): Key => ({ PK: `RATE#${channelId}`, SK: minute });
export const attachmentKey = (attachmentId: string): Key => ({ PK: `ATTACHMENT#${attachmentId}`, SK: 'ATTACHMENT' });

/** What a row of an import became, by what it is known by. */
export const importedKey = (name: string): Key => ({ PK: `IMPORTED#${name}`, SK: 'IMPORTED' });

export const accountContacts = (accountId: string): string => `CONTACTS#${accountId}`;
export const caseTermsKey = (caseId: string): Key => ({ PK: casePk(caseId), SK: 'TERMS' });

/** A word is spread over fewer partitions than a list is: a search reads them all. Each takes 1,000 writes a second. */
const WORD_SHARDS = 4;
const wordShard = (lead: string, shard: number): string => `SEARCH#WORD#${written(lead)}#${shard}`;

/** Where the cases stand that have a word with these first letters, the newest last. */
export const wordShards = (lead: string): string[] =>
  Array.from({ length: WORD_SHARDS }, (_, shard) => wordShard(lead, shard));

type Positioned = Pick<Case, 'caseId' | 'createdOn'>;

export const wordPostingKey = (subject: Positioned, lead: string): Key => ({
  PK: wordShard(lead, shardOf(subject.caseId) % WORD_SHARDS),
  SK: unique(subject.createdOn, subject),
});

/** Hashed: what other systems call a case may be any text, longer than a key may be. */
export const exactPostings = (value: string): string =>
  `SEARCH#EXACT#${createHash('sha256').update(value).digest('hex')}`;
export const exactPostingKey = (subject: Positioned, value: string): Key => ({
  PK: exactPostings(value),
  SK: unique(subject.createdOn, subject),
});

/** The case at a position of a list by instants. */
export const caseIdAt = (position: string): string => position.slice(position.indexOf('#') + 1);
/** The instant of a position. */
export const instantAt = (position: string): Instant => position.slice(0, position.indexOf('#'));

export const searchKey = (searchId: string): Key => ({ PK: `ARTICLE_SEARCH#${searchId}`, SK: 'SEARCH' });
export const countedKey = (caseId: string): Key => ({ PK: casePk(caseId), SK: 'COUNTED' });
export const reportsHeadKey: Key = { PK: 'REPORTS', SK: 'HEAD' };

/** A report reads all shards of a row; four take what a thousand cases a second add up to. */
const REPORT_SHARDS = 4;
const reportShard = (generation: number, cube: string, month: string, shard: number): string =>
  `REPORT#${generation}#${cube}#${month}#${shard}`;
export const reportRows = (generation: number, cube: string, month: string): string[] =>
  Array.from({ length: REPORT_SHARDS }, (_, shard) => reportShard(generation, cube, month, shard));

/** A person’s row is written by few and stays whole; the others are spread by who writes them. */
export const reportRowKey = (generation: number, { cube, day, dims }: Cell, spread: string): Key => {
  const text = dims.map(written).join('#');
  const shard = shardOf(dims[0] === 'agent' ? text : spread) % REPORT_SHARDS;
  return {
    PK: reportShard(generation, cube, monthOf(day), shard),
    SK: `${day}#${text.length > LONGEST_DIMS ? createHash('sha256').update(text).digest('hex') : text}`,
  };
};
/** `2026-03` of a day, and of what has no day itself. */
const monthOf = (day: string): string => day.slice(0, 7);
/** A sort key has 1,024 bytes. */
const LONGEST_DIMS = 900;

export const customerPostings = (lead: string): string => `SEARCH#CUSTOMER#${written(lead)}`;
/** The beginning of the sort keys of all terms that begin so. */
export const customerTermPrefix = (term: string): string => written(term);
export const customerPostingKey = (customerId: string, term: string, lead: string): Key => ({
  PK: customerPostings(lead),
  SK: `${written(term)}#${customerId}`,
});
export const customerTermIn = (sortKey: string): { term: string; customerId: string } => {
  const [term = '', customerId = ''] = sortKey.split('#');
  return { term: decodeURIComponent(term), customerId };
};

/** Any text with the characters of keys only; beginnings stay beginnings, and no `#` is left. */
const written = (text: string): string => encodeURIComponent(text).replaceAll('~', '%7E');

export const customerEntitlements = (customerId: string): string => `ENTITLEMENTS#${customerId}`;
export const slaEntitlements = (slaId: string): string => `SLA#${slaId}`;
export const customerCases = (customerId: string): string => `CUSTOMER#${customerId}`;
export const accountCases = (accountId: string): string => `ACCOUNT#${accountId}`;
export const subjectCases = (subjectId: string): string => `SUBJECT#${subjectId}`;
export const ownerCases = (ownerId: string, status: string): string => `OWNER#${ownerId}#${status}`;
export const externalCases = (externalId: string): string => `EXTERNAL#${externalId}`;
export const queueItems = (queueId: string): string => `QUEUE#${queueId}`;
export const freeItems = (queueId: string): string => `QUEUE#${queueId}#FREE`;
export const workedItems = (queueId: string, userId: string): string => `QUEUE#${queueId}#BY#${userId}`;
const statusShard = (status: string, shard: number): string => `STATUS#${status}#${shard}`;
export const statusShards = (status: string): string[] => allShards((shard) => statusShard(status, shard));

const routedShard = (day: Instant, shard: number): string => `ROUTED#${day.slice(0, 10)}#${shard}`;
/** The new cases that the rules routed on the day of an instant. */
export const routedShards = (day: Instant): string[] => allShards((shard) => routedShard(day, shard));

/** The attributes that put a clock on the list of far alarms. */
export const FAR_ALARM_ATTRIBUTES = Object.keys(index(5, '', ''));

/** What the sweeper looks for. */
export type Overdue =
  | 'timer'
  | 'arm'
  | 'hold'
  | 'unrouted'
  | 'cascade'
  | 'broadcast'
  | 'move'
  | 'parked'
  | 'release'
  | 'handOver'
  | 'handOverRound'
  | 'erasure'
  | 'erasureRound'
  | 'following'
  | 'followingRound'
  | 'projection'
  | 'recomputation'
  | 'template'
  | 'deliveries';
const sweepShard = (what: Overdue, shard: number): string => `SWEEP#${what}#${shard}`;
export const sweepShards = (what: Overdue): string[] => allShards((shard) => sweepShard(what, shard));
/** The index that each of the sweeper's lists is in. */
export const sweepIndex = (what: Overdue): number => (what === 'arm' ? 5 : 6);
const sweepKeys = (what: Overdue, id: string, at: Instant): IndexKeys =>
  index(sweepIndex(what), sweepShard(what, shardOf(id)), at);

const allShards = (partition: (shard: number) => string): string[] =>
  Array.from({ length: SHARDS }, (_, shard) => partition(shard));

export const caseIndexes = (subject: Case): IndexKeys => ({
  ...index(1, customerCases(subject.customerId), unique(subject.createdOn, subject)),
  ...(subject.ownerId && index(2, ownerCases(subject.ownerId, subject.status), unique(subject.createdOn, subject))),
  ...index(3, statusShard(subject.status, shardOf(subject.caseId)), unique(subject.modifiedOn, subject)),
  ...(subject.externalId && index(4, externalCases(subject.externalId), unique(subject.createdOn, subject))),
  ...index(5, accountCases(subject.accountId), unique(subject.createdOn, subject)),
  ...(subject.subjectId && index(6, subjectCases(subject.subjectId), unique(subject.createdOn, subject))),
});

export const customerIndexes = ({ customerId, parentId, createdOn }: Customer): IndexKeys =>
  parentId ? index(1, accountContacts(parentId), `${createdOn}#${customerId}`) : {};

export const entitlementIndexes = ({ entitlementId, customerId, slaId, state, createdOn }: Entitlement): IndexKeys => ({
  ...index(1, customerEntitlements(customerId), `${createdOn}#${entitlementId}`),
  ...(slaId && state !== 'cancelled' && index(2, slaEntitlements(slaId), `${createdOn}#${entitlementId}`)),
});

/** No two cases share a sort key, so that a list can go on behind the last one that it gave. */
const unique = (sort: string, { caseId }: { caseId: string }): string => `${sort}#${caseId}`;

/** The beginning of the sort keys of a queue's items of one priority; within it they are sorted by since when they wait. */
export const queueItemsOf = (rank: number): string => `${rank}#`;
/** Since when a queue's item has waited, by its sort key. */
export const waitingSince = (sortKey: string): Instant => instantAt(caseIdAt(sortKey));

export const placementIndexes = (placement: Placement): IndexKeys => {
  if (placement.state === 'awaitingRouting') return sweepKeys('unrouted', placement.caseId, placement.since);
  if (placement.state !== 'queued' || !placement.queueId) return {};
  const { caseId, queueId, workedBy, releaseAt } = placement;
  const order = unique(`${placement.priorityRank}#${placement.since}`, placement);
  return {
    ...index(1, queueItems(queueId), order),
    ...index(2, workedBy ? workedItems(queueId, workedBy) : freeItems(queueId), order),
    ...(releaseAt && sweepKeys('release', caseId, releaseAt)),
  };
};

export const userIndexes = ({ userId, defaultQueueId, handOver }: User): IndexKeys => ({
  ...index(1, allUsers, userId),
  ...(defaultQueueId && index(2, usersOfQueue(defaultQueueId), userId)),
  ...(handOver?.lookAt &&
    sweepKeys(handOver.state === 'running' ? 'handOver' : 'handOverRound', userId, handOver.lookAt)),
});

export const erasureIndexes = ({ customerId, state, lookAt }: Erasure): IndexKeys =>
  lookAt ? sweepKeys(state === 'running' ? 'erasure' : 'erasureRound', customerId, lookAt) : {};

export const followingIndexes = ({ customerId, state, lookAt }: Following): IndexKeys =>
  sweepKeys(state === 'running' ? 'following' : 'followingRound', customerId, lookAt);

/** The list of all cases that have had children, in the order in which they were opened. */
export const familyListIndexes = (parentId: string): IndexKeys => index(3, familyShard(shardOf(parentId)), parentId);
const familyShard = (shard: number): string => `FAMILIES#${shard}`;
export const familyShards = (): string[] => allShards(familyShard);
/** Only what the rules decide about new cases is listed: each case once, however often it is sent on later. */
export const eventIndexes = ({ caseId, cause, fact }: CaseEvent): IndexKeys =>
  fact.type === 'case.routed' && cause === ROUTING_CAUSE
    ? index(5, routedShard(fact.occurredAt, shardOf(caseId)), unique(fact.occurredAt, { caseId }))
    : {};

export const familyIndexes = ({ caseId, cascade }: Pick<Family, 'caseId' | 'cascade'>): IndexKeys =>
  cascade?.state === 'running' ? sweepKeys('cascade', caseId, cascade.progressAt) : {};

export const holdIndexes = ({ caseId, until }: Hold): IndexKeys => sweepKeys('hold', caseId, until);

export const broadcastIndexes = ({ caseId, state, progressAt }: Broadcast): IndexKeys =>
  state === 'running' ? sweepKeys('broadcast', caseId, progressAt) : {};

export const mergesIndexes = ({ caseId, away }: Pick<Merges, 'caseId' | 'away'>): IndexKeys =>
  away && isUnderWay(away) ? sweepKeys('move', caseId, away.progressAt) : {};

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

export const templateRunsIndexes = ({ templateId, nextAt }: TemplateRuns): IndexKeys =>
  nextAt ? sweepKeys('template', templateId, nextAt) : {};

export const deliveryIndexes = ({ subscriptionId, deliveryId, dueAt, inOrder, caseId }: Delivery): IndexKeys =>
  dueAt
    ? {
        ...index(1, dueDeliveryShard(subscriptionId, shardOf(deliveryId)), `${dueAt}#${deliveryId}`),
        ...(inOrder && caseId && index(2, pendingDeliveriesOf(subscriptionId, caseId), deliveryId)),
      }
    : {};

export const subscriptionIndexes = ({ subscriptionId, lookAt }: SubscriptionState): IndexKeys =>
  lookAt ? sweepKeys('deliveries', subscriptionId, lookAt) : {};
