import type { CaseChange, CaseFile, Rules } from '../../domain/cases/case-file.ts';
import { type Decision, refuse } from '../../domain/refusal.ts';
import type { SettingsHead } from '../../domain/settings/kinds.ts';
import type { Instant } from '../../domain/time.ts';
import type { Outcome, Request } from '../api/api.ts';
import { idempotently } from '../idempotently.ts';
import type { Services } from '../services.ts';
import { answerItem } from '../table/idempotency.ts';
import { Transaction } from '../table/transaction.ts';
import { loadVisible } from './access.ts';
import { viewCase } from './case-view.ts';

export type CommandServices = Pick<
  Services,
  'table' | 'cases' | 'settings' | 'customers' | 'entitlements' | 'users' | 'articles' | 'ids' | 'now' | 'backOff'
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
}

/**
 * The way of every command on a case that exists: load → decide → commit, with the caller's right to know of the case,
 * `If-Match`, `Idempotency-Key` and lost races handled alike for all.
 */
export const commandOnCase = async <Body>(
  services: CommandServices,
  request: CaseRequest<Body>,
  decide: Decide,
  { status = 200, of = (change, rules) => viewCase(change.after, rules) }: CommandAnswer = {},
): Promise<Outcome> =>
  idempotently(services, request.idempotent, async () => {
    const { settings, now } = services;
    const { params, caller, ifMatch } = request;
    const head = await settings.head();
    const file = await loadVisible(services, params.caseId, caller, head);
    if (!file) return refuse('NOT_FOUND', `There is no case ${params.caseId}`);
    if (ifMatch !== undefined && ifMatch !== file.case.version) {
      return refuse('STALE_VERSION', `The case is at version ${file.case.version}`);
    }
    const rules = await settings.rulesFor(head, file);
    const at = now();
    const writes: Write[] = [];
    const decision = await decide({ file, rules, now: at, head, also: (write) => writes.push(write) });
    if (!decision.accepted) return decision;

    const change = decision.value;
    const body = of(change, rules);
    await commit(services, change, request, at, { status, body }, writes);
    return { accepted: true, status, body };
  });

/** Why something is done, when it is not because a user asks for just that. */
export interface Caused {
  cause?: string;
}

/** Commits a user's change together with the answer to their request; an idle change without a key writes nothing. */
export const commit = async (
  { cases, table }: Pick<Services, 'cases' | 'table'>,
  change: CaseChange,
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
  if (change.before === change.after) {
    if (!record) return;
    const transaction = new Transaction();
    transaction.create(record);
    return table.transact(transaction);
  }
  await cases.commit([change], {
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
