/**
 * The one table. Its keys are built in `keys/`, by a file for each capability, and everybody else takes them from here.
 *
 * Everything of a case is in its partition; the head of the collection (every sort key that starts with `CASE`) is what a
 * command reads, in one Query. Indexes hold keys only: lists read the cases themselves afterwards, so that a change of a
 * case that moves it in no list costs no index write.
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

export * from './keys/articles.ts';
export * from './keys/bookkeeping.ts';
export * from './keys/cases.ts';
export * from './keys/channels.ts';
export * from './keys/convert.ts';
export * from './keys/customers.ts';
export * from './keys/entitlements.ts';
export * from './keys/families.ts';
export * from './keys/links.ts';
export { type IndexKeys, type Key, SHARDS } from './keys/parts.ts';
export * from './keys/people.ts';
export * from './keys/queues.ts';
export * from './keys/reports.ts';
export * from './keys/search.ts';
export * from './keys/secrets.ts';
export * from './keys/settings.ts';
export * from './keys/sla.ts';
export { type Overdue, sweepIndex, sweepShards } from './keys/sweeping.ts';
export * from './keys/webhooks.ts';
