import { z } from 'zod';
import { CaseId } from '../../domain/cases/case.ts';
import { CaseStatus, statusModelOf, Transitions } from '../../domain/cases/status-reasons.ts';
import { CaseEvent } from '../../domain/facts/fact.ts';
import { deadEnds } from '../../domain/statuses/dead-ends.ts';
import { judgeTransition, transitionOf } from '../../domain/statuses/judge-transition.ts';
import { whyNotDrawn } from '../../domain/statuses/save-transitions.ts';
import { Instant } from '../../domain/time.ts';
import type { Outcome, Request } from '../api/api.ts';
import { decodeCursor, encodeCursor } from '../api/cursor.ts';
import { CursorText } from '../api/route.ts';
import type { Services } from '../services.ts';
import { caseIdOf, statusShards } from '../table/keys.ts';

/** The body of a dry run: a graph, and which of the recorded moves to ask it about. */
export const DryRun = Transitions.extend({
  enabled: z.boolean().default(true),
  from: Instant.optional().describe('Only moves since then'),
  to: Instant.optional().describe('Only moves up to then'),
  limit: z.int().min(1).max(100).default(25).describe('Cases a page at most'),
  cursor: CursorText.optional().describe('`nextCursor` of the page before'),
}).meta({ id: 'TransitionsDryRun' });
export type DryRun = z.infer<typeof DryRun>;

const Move = z.object({ from: z.string(), to: z.string() });

/** What a page of a dry run answers; its counts are of this page, and the pages' counts add up. */
export const DryRunResult = z
  .object({
    asOf: Instant.describe('Cases that have changed since are not in this run'),
    deadEnds: z.array(z.string()).describe('Reasons for which saving this graph would be refused'),
    cases: z.int(),
    transitions: z.int(),
    refused: z.int().describe('Moves that people made and that this graph forbids'),
    forced: z.int().describe('Moves by cascades and customers’ messages, which go on although this graph forbids them'),
    byTransition: z.array(Move.extend({ refused: z.int(), forced: z.int() })),
    examples: z.array(Move.extend({ caseId: CaseId, at: Instant, actor: z.string() })).describe('At most ten'),
    nextCursor: z.string().optional(),
  })
  .meta({ id: 'TransitionsDryRunResult' });

/** What one answer reads at most besides its cases: a case may have any number of entries. */
const ENTRIES = 1_000;
const EXAMPLES = 10;

const Position = z.object({
  upTo: Instant,
  partition: z.int(),
  after: z.string().optional(),
  within: z.object({ caseId: z.string(), after: z.string() }).optional(),
});
type Position = z.infer<typeof Position>;

/** Every case is in one of these lists, ordered by when it was last changed. */
const partitions = CaseStatus.options.flatMap(statusShards);

type DryRunServices = Pick<Services, 'table' | 'cases' | 'settings' | 'now'>;

/**
 * Asks a graph about what has happened: how many of the recorded moves it would have refused. Each answer covers some
 * cases and says where to go on; a case that changes while the run goes on is left out rather than counted twice.
 */
export const dryRun = async (
  services: DryRunServices,
  { body }: Request<unknown, unknown, DryRun>,
): Promise<Outcome> => {
  const { cursor, limit, ...run } = body;
  const list = `transitions dry run ${JSON.stringify(run)}`;
  const decoded = decodeCursor(list, cursor, Position);
  if (!decoded.accepted) return decoded;
  const { reasons } = await services.settings.statusModel(await services.settings.head());
  const drawn = { enabled: run.enabled, allow: run.allow };
  const refusal = whyNotDrawn(drawn, reasons);
  if (refusal) return refusal;

  const start = decoded.value ?? { upTo: services.now(), partition: 0, after: run.from };
  const tally = new Tally(run, statusModelOf(reasons, drawn));
  const next = await walk(services, start, { limit, since: run.from }, tally);
  return {
    accepted: true,
    body: { asOf: start.upTo, ...tally.result(), ...(next && { nextCursor: encodeCursor(list, next) }) },
  };
};

/** Reads on from a position until the page is full, and answers where it got to; nothing at the end of all. */
const walk = async (
  services: DryRunServices,
  start: Position,
  { limit, since }: { limit: number; since?: Instant },
  tally: Tally,
): Promise<Position | undefined> => {
  if (since !== undefined && since > start.upTo) return undefined;
  let position = start;
  let entries = ENTRIES;
  while (tally.cases < limit) {
    const partition = partitions[position.partition];
    if (!partition) return undefined;
    const { upTo, after } = position;
    const range = { index: 3, partition, upTo: `${upTo}~` };
    const page = await services.table.page({ ...range, after, limit: limit - tally.cases });
    for (const { PK, GSI3SK } of page.items) {
      const caseId = caseIdOf(String(PK));
      const inside = position.within?.caseId === caseId ? position.within.after : undefined;
      const read = await readCase(services, caseId, { after: inside, limit: entries }, tally);
      if (inside === undefined) tally.cases += 1;
      if (read.next) return { ...position, within: { caseId, after: read.next } };
      entries -= read.entries;
      position = { upTo, partition: position.partition, after: String(GSI3SK) };
      if (entries <= 0) return position;
    }
    if (!page.next) position = { upTo, partition: position.partition + 1, after: since };
  }
  return position;
};

const readCase = async (
  { cases }: DryRunServices,
  caseId: string,
  { after, limit }: { after?: string; limit: number },
  tally: Tally,
): Promise<{ entries: number; next?: string }> => {
  const { items, next } = await cases.timeline(caseId, { limit, after });
  for (const item of items) if (item.entity === 'event') tally.add(CaseEvent.parse(item));
  return { entries: items.length, ...(next && { next }) };
};

/** The counts of one page. */
class Tally {
  readonly #run: Pick<DryRun, 'from' | 'to'>;
  readonly #model: ReturnType<typeof statusModelOf>;
  readonly #moves = new Map<string, { from: string; to: string; refused: number; forced: number }>();
  readonly #examples: z.infer<typeof DryRunResult>['examples'] = [];
  #transitions = 0;
  cases = 0;

  constructor(run: Pick<DryRun, 'from' | 'to'>, model: ReturnType<typeof statusModelOf>) {
    this.#run = run;
    this.#model = model;
  }

  add({ caseId, at, actor, fact }: CaseEvent): void {
    const transition = transitionOf(fact);
    const { from: since = '', to: until = '~' } = this.#run;
    if (!transition || at < since || at > until) return;
    this.#transitions += 1;
    const verdict = judgeTransition(this.#model, transition);
    if (verdict === 'allowed') return;
    const { from, to } = transition;
    const key = `${from} ${to}`;
    const move = this.#moves.get(key) ?? { from, to, refused: 0, forced: 0 };
    move[verdict] += 1;
    this.#moves.set(key, move);
    if (verdict === 'refused' && this.#examples.length < EXAMPLES) this.#examples.push({ from, to, caseId, at, actor });
  }

  result() {
    const byTransition = [...this.#moves.values()];
    const sum = (verdict: 'refused' | 'forced') => byTransition.reduce((total, move) => total + move[verdict], 0);
    return {
      deadEnds: deadEnds(this.#model),
      cases: this.cases,
      transitions: this.#transitions,
      refused: sum('refused'),
      forced: sum('forced'),
      byTransition,
      examples: this.#examples,
    };
  }
}
