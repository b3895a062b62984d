import { z } from 'zod';
import { type Case, CaseId, Resolution } from '../../domain/cases/case.ts';
import { CaseStatus } from '../../domain/cases/status-reasons.ts';
import { refuse } from '../../domain/refusal.ts';
import type { SettingsHead } from '../../domain/settings/kinds.ts';
import { bySimilarity, likeness, nearestSubjects, tellingWords } from '../../domain/similar/rank-similar.ts';
import { Instant } from '../../domain/time.ts';
import type { Outcome, Request } from '../api/api.ts';
import { isVisible, loadVisible } from '../cases/access.ts';
import { casesWithWords } from '../search/cases-with-words.ts';
import type { Services } from '../services.ts';
import { caseIdAt, subjectCases } from '../table/keys.ts';

/** How many similar cases are shown. */
export const SimilarQuery = z.strictObject({ limit: z.coerce.number().int().min(1).max(25).default(10) });

/** A similar case: what it has in common, and how it was resolved. */
export const SimilarCase = z
  .object({
    caseId: CaseId,
    caseNumber: z.string(),
    title: z.string(),
    status: CaseStatus,
    statusReason: z.string(),
    subjectId: z.string().optional(),
    createdOn: Instant,
    sharedWords: z.array(z.string()),
    sharedSubjectId: z.string().optional(),
    resolution: Resolution.pick({
      resolutionType: true,
      resolution: true,
      resolvedAt: true,
      articleId: true,
    }).optional(),
  })
  .meta({ id: 'SimilarCase' });

export const SimilarCases = z.object({ items: z.array(SimilarCase) });

type SimilarServices = Pick<Services, 'table' | 'cases' | 'settings'>;

/** What is looked at, so that the answer costs the same however many cases there are (`docs/knowledge.md`). */
const SUBJECTS = 5;
const OF_OWN_SUBJECT = 40;
const OF_NEAR_SUBJECT = 10;
const WORDS = 4;
const READ = 60;

/** Cases like this one, the likest first: by subject and branch, and by the words of the title. */
export const similarCases = async (
  services: SimilarServices,
  { params: { caseId }, query: { limit }, caller }: Request<{ caseId: string }, z.infer<typeof SimilarQuery>, unknown>,
): Promise<Outcome> => {
  const head = await services.settings.head();
  const file = await loadVisible(services, caseId, caller, head);
  if (!file) return refuse('NOT_FOUND', `There is no case ${caseId}`);

  const candidates = (await candidatesFor(services, head, file.case)).filter((id) => id !== caseId).slice(0, READ);
  const found = await Promise.all(candidates.map((id) => services.cases.load(id, { eventually: true })));
  const alike = found.flatMap((other) => {
    if (!other || isMerged(other.case)) return [];
    const { score, ...shared } = likeness(file.case, other.case);
    return score > 0 ? [{ file: other, case: other.case, score, shared }] : [];
  });
  const items: z.infer<typeof SimilarCase>[] = [];
  for (const { file: other, shared } of alike.sort(bySimilarity)) {
    if (items.length === limit) break;
    if (await isVisible(services, other, caller, head)) items.push(SimilarCase.parse({ ...other.case, ...shared }));
  }
  return { accepted: true, body: { items } };
};

const isMerged = (subject: Case): boolean => subject.status === 'cancelled' && subject.mergedInto !== undefined;

/** Those that several ways lead to first, then the newest. */
const candidatesFor = async (
  { table, settings }: SimilarServices,
  head: SettingsHead,
  { title, subjectId }: Case,
): Promise<string[]> => {
  const tree = subjectId
    ? new Map((await settings.subjects.all(head)).map(({ id, document }) => [id, document]))
    : undefined;
  const subjects = subjectId && tree ? nearestSubjects(subjectId, tree, SUBJECTS) : [];
  const lists = await Promise.all([
    ...subjects.map(async (id) => {
      const limit = id === subjectId ? OF_OWN_SUBJECT : OF_NEAR_SUBJECT;
      const { items } = await table.page({ index: 6, partition: subjectCases(id), descending: true, limit });
      return items.map(({ GSI6SK }) => String(GSI6SK));
    }),
    ...tellingWords(title, WORDS).map(async (word) => (await casesWithWords(table, [word])).positions),
  ]);
  const ways = new Map<string, number>();
  for (const position of lists.flat()) ways.set(position, (ways.get(position) ?? 0) + 1);
  return [...ways].sort(([a, n], [b, m]) => m - n || (a < b ? 1 : -1)).map(([position]) => caseIdAt(position));
};
