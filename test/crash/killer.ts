import type { Connection } from '../replay/connection.ts';
import { memoryJournal } from '../replay/journal.ts';
import type { Row } from '../replay/rows.ts';
import { replay } from '../replay/run.ts';
import type { KillableService } from './killable-service.ts';
import type { Random } from './random.ts';

/** A part of the run: so many requests, so many kills among them, each within a time after the request that it is set for. */
export interface Phase {
  requests: number;
  kills: number;
  aimMs: number;
}

/** How many requests a replay of these rows is, when all of them are answered at once. */
export const requestsOf = async (rows: readonly Row[]): Promise<number> => {
  let requests = 0;
  const answer = { status: 200, body: { caseId: 'a', activityId: 'b' }, headers: new Headers() };
  const dry: Connection = {
    counts: { requests: 0, retries: 0 },
    call: async () => {
      requests += 1;
      return answer;
    },
    clockTo: async () => {
      requests += 1;
    },
    health: async () => ({ now: '', speed: 0 }),
  };
  await replay({ rows, connection: dry, journal: memoryJournal() });
  return requests;
};

/** Kills, and keeps count of them. */
export interface Killer {
  readonly count: number;
  onRequest(): void;
  /** Resolves when no kill is under way. */
  done(): Promise<void>;
}

/**
 * Kills the service shortly after requests drawn by lot have been sent, whatever it does then: before, in or after their
 * commits, in a reaction, in an alarm.
 */
export const killerOf = (
  service: KillableService,
  phases: readonly Phase[],
  random: Random,
  onBroken: (error: unknown) => void,
): Killer => {
  const plan = plannedKills(phases, random);
  let sent = 0;
  let count = 0;
  let last = Promise.resolve();
  return {
    get count() {
      return count;
    },
    onRequest() {
      sent += 1;
      const next = plan[count];
      if (!next || sent <= next.after) return;
      count += 1;
      last = last.then(async () => {
        await new Promise((resolve) => setTimeout(resolve, next.delayMs));
        await service.killAndRestart();
      });
      last.catch(onBroken);
    },
    done: () => last,
  };
};

interface PlannedKill {
  after: number;
  delayMs: number;
}

/** One kill in each equal part of a phase: none falls out because two met. */
const plannedKills = (phases: readonly Phase[], random: Random): PlannedKill[] => {
  let first = 0;
  return phases.flatMap(({ requests, kills, aimMs }) => {
    const start = first;
    first += requests;
    const part = (n: number): number => start + Math.floor((n * requests) / kills);
    return Array.from({ length: kills }, (_, n) => ({
      after: part(n) + random.below(Math.max(1, part(n + 1) - part(n))),
      delayMs: random.below(aimMs),
    }));
  });
};
