import { z } from 'zod';
import { Intake } from '../../domain/intake/intake.ts';
import { groupBy, inParallel } from '../replay/batches.ts';
import type { Connection } from '../replay/connection.ts';
import { everything } from '../replay/read-back.ts';
import type { Flood, FloodMessage } from './flood.ts';
import type { Sent } from './flood-sender.ts';
import { additionsIn, kindsIn } from './post-mortem.ts';
import type { RecordedFact } from './subscriber.ts';

const Case = z.object({ caseId: z.string(), customerId: z.string() });
const Activity = z.object({ kind: z.literal('activity'), activityId: z.string(), body: z.string() });
const Entry = z.union([Activity, z.object({ kind: z.literal('post') })]);
const AuditRow = z.object({ id: z.string(), action: z.string() });

/** What the service says when the flood is over. */
export interface Drained {
  cases: z.infer<typeof Case>[];
  /** By case, in the order of its timeline. */
  activities: Map<string, z.infer<typeof Activity>[]>;
  facts: RecordedFact[];
  intake: Intake[];
}

/** Reads all that the API tells of a flood. */
export const readDrained = async (connection: Connection, channelId: string): Promise<Drained> => {
  const cases = z.array(Case).parse(await everything(connection, '/v1/cases'));
  const activities: Drained['activities'] = new Map();
  const facts: RecordedFact[] = [];
  await inParallel(cases, async ({ caseId }) => {
    const path = `/v1/cases/${caseId}`;
    const [timeline, audit] = await Promise.all([
      everything(connection, `${path}/timeline`),
      everything(connection, `${path}/audit`),
    ]);
    const entries = z.array(Entry).parse(timeline);
    activities.set(
      caseId,
      entries.flatMap((entry) => (entry.kind === 'activity' ? [entry] : [])),
    );
    facts.push(
      ...z
        .array(AuditRow)
        .parse(audit)
        .map((row) => ({ of: caseId, ...row })),
    );
  });
  const intake = z.array(Intake).parse(await everything(connection, `/v1/channels/${channelId}/intake`, 'admin'));
  return { cases, activities, facts, intake };
};

/** Whatever the answers, the conversations and the intake say otherwise than the cases do. */
export const disagreements = ({ messages }: Flood, { answers }: Sent, drained: Drained): string[] => {
  const { cases, activities, facts, intake } = drained;
  const rows = groupBy(intake, ({ externalId }) => externalId);
  const added = groupBy(
    facts.filter(({ action }) => action === 'activity.added'),
    ({ of }) => of,
  );
  const wrong: string[] = [];
  const expect = (holds: boolean, what: string): void => {
    if (!holds) wrong.push(what);
  };

  const answerTo = new Map(
    messages.map((message) => {
      const own = answers.get(message) ?? [];
      const all = new Set(own.map(({ body }) => JSON.stringify(body)));
      expect(all.size === 1, `${message.id} has ${all.size} different answers`);
      const first = own.filter(({ status }) => status === 202).length;
      expect(first <= 1, `${message.id} was taken for the first time ${first} times`);
      const [row, ...others] = rows.get(message.id) ?? [];
      expect(row !== undefined && others.length === 0, `${message.id} is in the intake ${others.length + 1} times`);
      const { outcome, caseId, activityId } = own[0]?.body ?? {};
      const agrees = row?.outcome === outcome && row?.caseId === caseId && row?.activityId === activityId;
      expect(agrees, `${message.id} was answered otherwise than the intake says`);
      return [message, own[0]?.body] as const;
    }),
  );

  const customers = new Map<string, Set<string | undefined>>();
  for (const [conversationId, own] of groupBy(messages, (message) => message.conversationId)) {
    const [caseId, ...others] = new Set(own.map((message) => answerTo.get(message)?.caseId));
    expect(caseId !== undefined && others.length === 0, `${conversationId} has ${others.length + 1} cases`);
    const created = own.filter((message) => answerTo.get(message)?.outcome === 'created').length;
    expect(created === 1, `${conversationId} was opened ${created} times`);
    const found = activities.get(caseId ?? '') ?? [];
    const written = [...own].sort(byTime).map((message) => `${answerTo.get(message)?.activityId} ${message.text}`);
    const told = found.map(({ activityId, body }) => `${activityId} ${body}`);
    expect(JSON.stringify(told) === JSON.stringify(written), `${conversationId} has other activities than messages`);
    const events = added.get(caseId ?? '')?.length ?? 0;
    expect(events === own.length, `${conversationId} has ${events} events for ${own.length} messages`);
    const { customerId } = cases.find((one) => one.caseId === caseId) ?? {};
    const person = own[0]?.from ?? '';
    customers.set(person, (customers.get(person) ?? new Set()).add(customerId));
  }
  for (const [person, ids] of customers) expect(ids.size === 1, `${person} is ${ids.size} customers`);
  return wrong;
};

const byTime = (a: FloodMessage, b: FloodMessage): number => (a.occurredAt < b.occurredAt ? -1 : 1);

/** What the stopped service keeps besides what the flood must leave: things half done, which no list tells. */
export const surplusIn = (data: string, { messages, conversations, people }: Flood): string[] => {
  const kinds = kindsIn(data);
  const expected: Record<string, number> = {
    case: conversations,
    customer: people,
    activity: messages.length,
    message: messages.length,
    intake: messages.length,
    raw: messages.length,
    // One by the sender's key, one by our own.
    conversation: 2 * conversations,
    contact: conversations,
  };
  const events = [...additionsIn(data).values()];
  return [
    ...Object.entries(expected).flatMap(([kind, n]) =>
      kinds.get(kind) === n ? [] : [`${kinds.get(kind)} items of kind ${kind} are kept, and not ${n}`],
    ),
    ...(events.length === messages.length && events.every((n) => n === 1)
      ? []
      : [`${events.length} activities were added by ${events.reduce((a, b) => a + b, 0)} events`]),
  ];
};
