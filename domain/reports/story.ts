import { z } from 'zod';
import type { CaseEvent, FactType } from '../facts/fact.ts';
import { Instant } from '../time.ts';

const Closing = z.object({
  version: z.int(),
  at: Instant,
  status: z.string(),
  statusReason: z.string(),
  by: z.string(),
  queueId: z.string().optional(),
  articleId: z.string().optional(),
  /** It took the reopening before it back. */
  asBefore: z.boolean().optional(),
});

/**
 * What reports need to know of a case's past that the case itself does not tell. It is told by facts in any order, and
 * a fact that is told twice changes nothing: whatever happens once a transaction is kept by the version that the case
 * had then.
 */
export const CaseStory = z.object({
  /** Who received the case, person or team, and which queue; when for the first time. */
  owners: z.record(z.string(), Instant),
  queues: z.record(z.string(), Instant),
  tier: z.object({ version: z.int(), name: z.string().optional() }).optional(),
  response: z.object({ at: Instant, by: z.string(), queueId: z.string().optional() }).optional(),
  /** The last that was done with each article, whichever is told first. */
  articles: z.record(z.string(), z.object({ at: Instant, eventId: z.string(), linked: z.boolean() })),
  closings: z.array(Closing),
  reopenings: z.array(z.object({ version: z.int(), at: Instant })),
});
export type CaseStory = z.infer<typeof CaseStory>;

/** Before anything is told. */
export const untold: CaseStory = { owners: {}, queues: {}, articles: {}, closings: [], reopenings: [] };

/** The fields whose changes reports follow. */
const FOLLOWED: readonly string[] = [
  'status',
  'ownerId',
  'queueId',
  'workedBy',
  'subjectId',
  'product',
  'origin',
  'priority',
  'caseType',
  'customerId',
];

/** What changes a clock's outcome. */
const CLOCK_MOVES: readonly FactType[] = [
  'sla.started',
  'sla.paused',
  'sla.resumed',
  'sla.warning',
  'sla.breached',
  'sla.succeeded',
  'sla.cancelled',
  'sla.acknowledged',
];

/** Whether reports must follow a fact. */
export const isReported = (fact: CaseEvent['fact']): boolean =>
  fact.type === 'case.created' ||
  fact.type === 'case.parentChanged' ||
  fact.type === 'case.stageChanged' ||
  fact.type === 'article.linked' ||
  fact.type === 'article.unlinked' ||
  CLOCK_MOVES.includes(fact.type) ||
  ('firstResponse' in fact && fact.firstResponse === true) ||
  (fact.changes ?? []).some(({ field }) => FOLLOWED.includes(field));

/** The story with one fact more. */
export const tell = (story: CaseStory, event: CaseEvent): CaseStory => {
  const { fact, ownerId, queueId } = event;
  if (!isReported(fact)) return story;
  // A backdated fact tells when it happened; whose the case was counts from when that was recorded.
  const at = fact.type === 'case.created' ? fact.occurredAt : event.at;
  const told = { ...story, owners: first(story.owners, ownerId, at), queues: first(story.queues, queueId, at) };
  return withFact(told, event);
};

const withFact = (story: CaseStory, event: CaseEvent): CaseStory => {
  const { fact, caseVersion: version, actor: by, queueId, at } = event;
  const isResponse = 'firstResponse' in fact && fact.firstResponse === true;
  return {
    ...story,
    ...tierAfter(story, fact, version),
    ...(isResponse && { response: earlier(story.response, { at: fact.occurredAt, by, queueId }) }),
    ...articlesAfter(story, event),
    ...statusAfter(story, fact, { version, by, queueId, at }),
  };
};

const first = (seen: Record<string, Instant>, id: string | undefined, at: Instant): Record<string, Instant> => {
  const known = id === undefined ? undefined : seen[id];
  return id === undefined || (known && known <= at) ? seen : { ...seen, [id]: at };
};

const earlier = <Dated extends { at: Instant }>(known: Dated | undefined, told: Dated): Dated =>
  known && known.at <= told.at ? known : told;

const tierAfter = ({ tier }: CaseStory, fact: CaseEvent['fact'], version: number): Pick<CaseStory, 'tier'> => {
  const isNew = fact.type === 'case.created' || (fact.changes ?? []).some(({ field }) => field === 'customerId');
  if (!isNew || (tier && tier.version >= version)) return {};
  return { tier: { version, name: 'tier' in fact ? fact.tier : undefined } };
};

const articlesAfter = ({ articles }: CaseStory, { fact, eventId, at }: CaseEvent): Partial<CaseStory> => {
  if (fact.type !== 'article.linked' && fact.type !== 'article.unlinked') return {};
  const known = articles[fact.articleId];
  if (known && (known.at > at || (known.at === at && known.eventId >= eventId))) return {};
  return { articles: { ...articles, [fact.articleId]: { at, eventId, linked: fact.type === 'article.linked' } } };
};

const statusAfter = (
  story: CaseStory,
  fact: CaseEvent['fact'],
  { version, by, queueId, at }: { version: number; by: string; queueId: string | undefined; at: Instant },
): Partial<CaseStory> => {
  const changed = (name: string) => fact.changes?.find(({ field }) => field === name)?.new;
  const [status, reason] = [changed('status'), changed('statusReason')];
  if (typeof status !== 'string') return {};
  if (status === 'active') return { reopenings: inOrder(story.reopenings, { version, at }) };
  const statusReason = typeof reason === 'string' ? reason : '';
  const { articleId, asBefore } = fact.type === 'case.resolved' ? fact : {};
  const closing = { version, at: fact.occurredAt, status, statusReason, by, queueId, articleId, asBefore };
  return { closings: inOrder(story.closings, closing) };
};

const inOrder = <Kept extends { version: number }>(known: readonly Kept[], told: Kept): Kept[] =>
  [...known.filter(({ version }) => version !== told.version), told].sort((a, b) => a.version - b.version);
