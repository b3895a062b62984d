import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import { z } from 'zod';
import type { EventType } from '../../domain/webhooks/event-types.ts';
import type { Connection } from '../replay/connection.ts';
import type { Random } from './random.ts';

/** What it wants to hear of: facts that users, the stream and timers make. */
const TYPES: readonly EventType[] = ['case.created', 'case.routed', 'case.resolved', 'activity.added', 'sla.breached'];

/** One in so many requests fails, as long as receivers fail. */
const FAILING = 5;

/** A fact that the service says it has recorded. */
export interface RecordedFact {
  /** What it is about, as the test calls it. */
  of: string;
  id: string;
  action: string;
}

/** A webhook subscriber outside of the service, which outlives its kills. */
export interface Subscriber {
  /** How often it was posted to, and how often it failed. */
  readonly posted: number;
  readonly failed: number;
  subscribe(connection: Connection): Promise<void>;
  /** From now on it takes everything. */
  recover(): void;
  /** Which of these facts it should have taken and has not, and what came otherwise than the first time. */
  wrong(facts: readonly RecordedFact[]): string[];
  /** How many facts it has taken, and how many of them more than once. */
  taken(): { facts: number; again: number };
  stop(): void;
}

/** Starts a subscriber that takes most of what it is sent, and all of it once it has recovered. */
export const startSubscriber = async (random: Random): Promise<Subscriber> => {
  const taken = new Map<string, { times: number; bodies: Set<string> }>();
  let [posted, failed, fails] = [0, 0, true];
  const server = createServer(async (request, response) => {
    const body = Buffer.concat(await request.toArray());
    posted += 1;
    if (fails && random.below(FAILING) === 0) {
      failed += 1;
      response.writeHead(500).end();
      return;
    }
    const id = z.string().parse(request.headers['webhook-id']);
    const known = taken.get(id) ?? { times: 0, bodies: new Set() };
    known.bodies.add(createHash('sha256').update(body).digest('hex'));
    taken.set(id, { ...known, times: known.times + 1 });
    response.end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = z.object({ port: z.number() }).parse(server.address());
  return {
    get posted() {
      return posted;
    },
    get failed() {
      return failed;
    },
    async subscribe(connection) {
      const body = { url: `http://127.0.0.1:${port}/`, types: TYPES };
      const path = '/v1/settings/webhook-subscriptions/crash-test';
      await connection.call({ by: 'admin', method: 'PUT', path, body });
    },
    recover() {
      fails = false;
    },
    wrong: (facts) => [
      ...facts
        .filter(({ id, action }) => TYPES.some((type) => type === action) && !taken.has(id))
        .map(({ of, id, action }) => `${of} ${action} ${id} never reached the subscriber`),
      ...[...taken].flatMap(([id, { bodies }]) =>
        bodies.size > 1 ? [`${id} reached the subscriber with different bodies`] : [],
      ),
    ],
    taken: () => ({ facts: taken.size, again: [...taken.values()].filter(({ times }) => times > 1).length }),
    stop() {
      server.close();
      server.closeAllConnections();
    },
  };
};
