import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod';
import type { Instant } from '../../domain/time.ts';
import { type Answer, type Client, clientOf } from '../support/api-client.ts';
import { ReplayProblem } from './rows.ts';

/** Who sends: everybody the replay needs, by their one role. */
export type By = 'agent' | 'integration' | 'admin';

export interface Call {
  by: By;
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  path: string;
  body?: object;
  key?: string;
}

/** How many requests were sent, and how many of them again after a fault. */
export interface Counts {
  requests: number;
  retries: number;
}

/** A service that is called until it answers: a fault of the network or of the service is no answer. */
export interface Connection {
  readonly counts: Readonly<Counts>;
  call(call: Call): Promise<Answer>;
  /** Moves the service clock; all that falls due on the way has happened when it resolves. */
  clockTo(at: Instant): Promise<void>;
  /** What the service says of its clock. */
  health(): Promise<{ now: Instant; speed: number }>;
}

export interface ConnectOptions {
  /** For how long a service that does not answer is asked again, in milliseconds. */
  patience?: number;
  /** Told of each request before it is sent, not of its repetitions. */
  onRequest?: () => void;
}

const SUBJECTS: Record<By, string> = { agent: 'service-desk', integration: 'self-service', admin: 'replay-admin' };
const FIRST_PAUSE = 50;
const LONGEST_PAUSE = 1_000;
/** A service that says that it has failed is asked twice more; what it then says is its answer. */
const FAILURES = 3;

const Health = z.object({ now: z.iso.datetime(), speed: z.number() });
const Token = z.object({ accessToken: z.string() });

/** A connection to the service at `url`, with a token for each role that it is asked to speak for. */
export const connect = (url: string, { patience = 60_000, onRequest = () => {} }: ConnectOptions = {}): Connection => {
  const nobody = clientOf(url);
  const clients = new Map<By, Promise<Client>>();
  const counts: Counts = { requests: 0, retries: 0 };

  const persistently = async (send: () => Promise<Answer>): Promise<Answer> => {
    const started = performance.now();
    let failures = 0;
    for (let attempt = 0; ; attempt += 1) {
      counts.requests += 1;
      if (attempt > 0) counts.retries += 1;
      else onRequest();
      let why: string;
      try {
        const answer = await send();
        failures += answer.status === 500 ? 1 : 0;
        const passes = [429, 502, 503, 504].includes(answer.status) || (answer.status === 500 && failures < FAILURES);
        if (!passes) return answer;
        why = `it answers ${answer.status}`;
      } catch (error) {
        why = error instanceof Error ? causeOf(error) : String(error);
      }
      if (performance.now() - started > patience) throw new ReplayProblem(`The service at ${url} is gone (${why}).`);
      await pause(Math.min(FIRST_PAUSE * 2 ** Math.min(attempt, 5), LONGEST_PAUSE));
    }
  };

  const clientFor = (by: By): Promise<Client> => {
    const known = clients.get(by);
    if (known) return known;
    const made = persistently(() => nobody.post('/dev/token', { sub: SUBJECTS[by], roles: [by] })).then(({ body }) =>
      clientOf(url, Token.parse(body).accessToken),
    );
    clients.set(by, made);
    return made;
  };

  return {
    counts,
    async call({ by, method, path, body, key }) {
      const client = await clientFor(by);
      return persistently(() => {
        switch (method) {
          case 'GET':
            return client.get(path);
          case 'POST':
            return client.post(path, body, key ? { key } : {});
          case 'PUT':
            return client.put(path, body);
          case 'PATCH':
            return client.patch(path, body);
          case 'DELETE':
            return client.delete(path);
        }
      });
    },
    async clockTo(to) {
      const { status, body } = await persistently(() => nobody.post('/dev/clock', { to }));
      if (status !== 200) throw new ReplayProblem(`The service clock cannot be moved to ${to}: ${body.message}`);
    },
    async health() {
      const { status, body } = await persistently(() => nobody.get('/health'));
      const health = Health.safeParse(body);
      if (health.success) return health.data;
      throw new ReplayProblem(`${url} is no local Docket: GET /health answers ${status}.`);
    },
  };
};

const causeOf = (error: Error): string => (error.cause instanceof Error ? error.cause.message : error.message);
