import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod';
import { HostProblem, messageOf } from './host-problem.ts';

/** Faster than this, the demo's own requests take so much service time that deadlines pass by accident; slower, it takes minutes. */
const SPEEDS = { slowest: 30, fastest: 120, advised: 60 };
/** The longest that anything which follows by itself may take in real time. */
const PATIENCE_MS = 20_000;
const POLL_MS = 100;

/** A person at work in the demo: a token, and requests made with it. */
export interface Actor {
  get<T>(path: string, answer: z.ZodType<T>): Promise<T>;
  post<T>(path: string, body: object, answer: z.ZodType<T>): Promise<T>;
  put(path: string, body: object): Promise<void>;
  patch(path: string, body: object): Promise<void>;
  /** Makes a customer known, or leaves the one that an earlier demo has made. */
  knows(customer: { id: string; name: string; kind: 'account'; tier: string }): Promise<void>;
  /** The code by which a request is refused. */
  refusal(path: string, body: object): Promise<string>;
}

/** A running local host, seen from outside. */
export interface DemoService {
  readonly speed: number;
  now(): Promise<string>;
  as(sub: string, role: 'agent' | 'supervisor' | 'admin'): Promise<Actor>;
  /** Waits until the service clock has passed an instant; a clock of speed 0 is moved there. */
  reach(instant: string): Promise<void>;
  /** People take their time: a clock of speed 0 is moved on, any other has moved by itself. */
  take(minutes: number): Promise<void>;
}

const Health = z.object({ now: z.string(), speed: z.number() });
const Token = z.object({ accessToken: z.string() });
const Problem = z.object({ code: z.string(), detail: z.string().optional() });

/** Finds the local host at `url`; says what to start where there is none, or one whose clock does not suit. */
export async function demoService(url: string): Promise<DemoService> {
  const health = async () => {
    const answer = await fetch(`${url}/health`).catch(() => undefined);
    return answer?.ok ? Health.parse(await answer.json()) : undefined;
  };
  const first = await health();
  const command = startCommand(url);
  if (!first) throw new HostProblem(`No Docket answers at ${url}. In another terminal run:\n\n  ${command}\n`);
  const { speed } = first;
  if (speed !== 0 && (speed < SPEEDS.slowest || speed > SPEEDS.fastest)) {
    throw new HostProblem(
      `The demo needs a service clock that runs ${SPEEDS.slowest} to ${SPEEDS.fastest} times faster than real, or speed 0; the one at ${url} runs at speed ${speed}. SLA targets are whole minutes, so at speed 1 nothing would be due within the demo. Stop that service and run:\n\n  ${command}\n`,
    );
  }

  const post = (path: string, body: object) =>
    fetch(`${url}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  const now = async () => (await health())?.now ?? first.now;
  const move = (to: string) => post('/dev/clock', { to });

  return {
    speed,
    now,
    async as(sub, role) {
      const answer = await post('/dev/token', { sub, roles: [role] });
      if (!answer.ok) throw new HostProblem(`${url} gives no tokens: the demo is for the local host only.`);
      return actor(url, Token.parse(await answer.json()).accessToken);
    },
    async reach(instant) {
      if (speed === 0) {
        if ((await now()) < instant) await move(instant);
        return;
      }
      for (let at = await now(); at < instant; at = await now()) {
        await pause(Math.min(1000, (Date.parse(instant) - Date.parse(at)) / speed + 1));
      }
    },
    async take(minutes) {
      if (speed === 0) await move(new Date(Date.parse(await now()) + minutes * 60_000).toISOString());
    },
  };
}

const startCommand = (url: string): string => {
  const { port } = new URL(url);
  return `npm start -- --speed ${SPEEDS.advised}${port === '3000' ? '' : ` --port ${port || 80}`}`;
};

function actor(url: string, token: string): Actor {
  const send = async (method: string, path: string, body?: object) => {
    const response = await fetch(`${url}${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, ...(body && { 'content-type': 'application/json' }) },
      ...(body && { body: JSON.stringify(body) }),
    }).catch((error: unknown) => {
      throw new HostProblem(`${url} does not answer any more (${messageOf(error)}).`);
    });
    return { status: response.status, content: await response.json() };
  };
  const accepted = async (method: string, path: string, body?: object): Promise<unknown> => {
    const { status, content } = await send(method, path, body);
    if (status < 300) return content;
    throw new HostProblem(`${method} ${path} was answered with ${status}: ${JSON.stringify(content)}`);
  };
  return {
    get: async (path, answer) => answer.parse(await accepted('GET', path)),
    post: async (path, body, answer) => answer.parse(await accepted('POST', path, body)),
    put: async (path, body) => void (await accepted('PUT', path, body)),
    patch: async (path, body) => void (await accepted('PATCH', path, body)),
    async knows(customer) {
      const { status, content } = await send('POST', '/v1/customers', customer);
      if (status >= 300 && Problem.safeParse(content).data?.code !== 'IN_USE') {
        throw new HostProblem(`POST /v1/customers was answered with ${status}: ${JSON.stringify(content)}`);
      }
    },
    refusal: async (path, body) => Problem.parse((await send('POST', path, body)).content).code,
  };
}

/** Asks again and again until there is an answer; what never comes ends the demo with a sentence. */
export async function eventually<T>(what: string, ask: () => Promise<T | undefined>): Promise<T> {
  for (const started = performance.now(); performance.now() - started < PATIENCE_MS; await pause(POLL_MS)) {
    const answer = await ask();
    if (answer !== undefined) return answer;
  }
  throw new HostProblem(`${what} did not happen within ${PATIENCE_MS / 1000} s.`);
}
