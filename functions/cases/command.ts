import type { CaseChange, CaseFile, Fence, Rules } from '../../domain/cases/case-file.ts';
import { mergedInto, survivorOf } from '../../domain/merge/survivor-of.ts';
import { accept, type Decision, type Refusal, refuse } from '../../domain/refusal.ts';
import type { SettingsHead } from '../../domain/settings/kinds.ts';
import { type FollowedChange, withClocksFollowing } from '../../domain/sla/followed-change.ts';
import type { Instant } from '../../domain/time.ts';
import type { Outcome, Request } from '../api/api.ts';
import { idempotently } from '../idempotently.ts';
import type { Services } from '../services.ts';
import { answerItem } from '../table/idempotency.ts';
import { Transaction } from '../table/transaction.ts';
import { loadVisible } from './access.ts';
import { viewCase } from './case-view.ts';
import { clocksFollowing } from './follow-clocks.ts';
import { rulesOfCase } from './rules-of-case.ts';

export type CommandServices = Pick<
  Services,
  | 'table'
  | 'cases'
  | 'settings'
  | 'customers'
  | 'entitlements'
  | 'users'
  | 'articles'
  | 'fieldUses'
  | 'searchLog'
  | 'ids'
  | 'now'
  | 'backOff'
>;

/** A request for a change of one case. */
export type CaseRequest<Body> = Request<{ caseId: string }, unknown, Body>;

/** The case as a command found it; `rules` are those of its own SLA. */
export interface Loaded {
  file: CaseFile;
  rules: Rules;
  now: Instant;
  head: SettingsHead;
  /** Adds writes to the commit, if there will be one. */
  also: (write: Write) => void;
}

/** Adds what must be true or written together with a change. */
type Write = (transaction: Transaction) => void;

/** What a command looks up besides the case, and its decision. */
export type Decide = (loaded: Loaded) => Decision<CaseChange> | Promise<Decision<CaseChange>>;

/** What a command answers when it is accepted; by default the case as it then is. */
export interface CommandAnswer {
  status?: number;
  of?: (change: CaseChange, rules: Rules) => unknown;
  /** What becomes of a command on a case that was merged: it is refused, or carried out on the survivor. */
  onMerged?: 'refuse' | 'follow';
  /** Why it came about, when the caller did not ask for just that. */
  causeOf?: (change: CaseChange) => string | undefined;
}

/** The case that a command names, as the caller has read it; a merged case takes no commands. */
export const loadForCommand = async (
  services: Pick<Services, 'cases' | 'settings'>,
  { params: { caseId }, caller, ifMatch }: Pick<CaseRequest<unknown>, 'params' | 'caller' | 'ifMatch'>,
  head: SettingsHead,
  onMerged: 'refuse' | 'follow' = 'refuse',
): Promise<Decision<CaseFile>> => {
  const named = await loadVisible(services, caseId, caller, head);
  if (!named) return refuse('NOT_FOUND', `There is no case ${caseId}`);
  const survivor = await survivorOf(named, services.cases.load);
  if (!survivor || (survivor !== named && onMerged === 'refuse')) return elsewhere(named, survivor);
  if (ifMatch !== undefined && ifMatch !== survivor.case.version) {
    return refuse('STALE_VERSION', `The case is at version ${survivor.case.version}`);
  }
  return accept(survivor);
};

const elsewhere = ({ case: subject }: CaseFile, survivor: CaseFile | undefined): Refusal<'MERGED_ELSEWHERE'> =>
  refuse('MERGED_ELSEWHERE', `${subject.caseNumber} has been merged into another case`, {
    mergedInto: mergedInto(subject),
    ...(survivor && { survivorId: survivor.case.caseId, survivorNumber: survivor.case.caseNumber }),
  });

/**
 * The way of every command on a case that exists: load → decide → commit, with the caller's right to know of the case,
 * `If-Match`, `Idempotency-Key`, merged cases, clocks that look at what has changed, and lost races handled alike for all.
 */
export const commandOnCase = async <Body>(
  services: CommandServices,
  request: CaseRequest<Body>,
  decide: Decide,
  { status = 200, of = (change, rules) => viewCase(change.after, rules), onMerged, causeOf }: CommandAnswer = {},
): Promise<Outcome> =>
  idempotently(services, request.idempotent, async () => {
    const { settings, now } = services;
    const head = await settings.head();
    const found = await loadForCommand(services, request, head, onMerged);
    if (!found.accepted) return found;
    const file = found.value;
    const rules = await rulesOfCase(services, head, file);
    const at = now();
    const writes: Write[] = [];
    const decision = await decide({ file, rules, now: at, head, also: (write) => writes.push(write) });
    if (!decision.accepted) return decision;

    // A message on a closed case may land on another one.
    const isSame = decision.value.after.case.caseId === file.case.caseId;
    const change = isSame
      ? withClocksFollowing(decision.value, rules, at)
      : await clocksFollowing(services, head, decision.value, at);
    const body = of(change, rules);
    await commit(services, change, { ...request, cause: causeOf?.(change) }, at, { status, body }, writes);
    return { accepted: true, status, body };
  });

/** Why something is done, when it is not because a user asks for just that. */
export interface Caused {
  cause?: string;
}

/**
 * Commits a user's change together with the answer to their request. An idle change, of which there is nothing to tell,
 * writes nothing without a key.
 */
export const commit = async (
  { cases, table }: Pick<Services, 'cases' | 'table'>,
  change: FollowedChange,
  {
    caller,
    correlationId,
    idempotent,
    cause = 'user',
  }: Pick<Request<unknown, unknown, unknown>, 'caller' | 'correlationId' | 'idempotent'> & Caused,
  now: Instant,
  answer: { status: number; body: unknown },
  writes: readonly Write[] = [],
): Promise<void> => {
  const record = idempotent && answerItem(idempotent, answer.status, answer.body, now);
  if (change.before === change.after && change.facts.length === 0) {
    if (!record) return;
    const transaction = new Transaction();
    transaction.create(record);
    return table.transact(transaction);
  }
  // Commands that leave the case's own fields alone would not meet a merge that commits before them.
  const fences: Fence[] = change.before ? [{ type: 'isNotMerged' }] : [];
  await cases.commit([{ ...change, fences: [...(change.fences ?? []), ...fences] }], {
    now,
    actor: caller.userId,
    cause,
    correlationId,
    also: (transaction) => {
      for (const write of writes) write(transaction);
      if (record) transaction.create(record);
    },
  });
};
