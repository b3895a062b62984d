import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod';
import { HostProblem, messageOf } from './host-problem.ts';

/** A running Docket, as a script calls it. */
export interface Remote {
  send(path: string, init?: { method?: string; body?: unknown }): Promise<Response>;
}

/** What passes by itself is tried again so often, ever more slowly: 16 s in all. */
const ATTEMPTS = 6;
const PASSING = [429, 502, 503, 504];

/**
 * The Docket at `url`. Without a token one for `roles` is asked of the local host. What was not answered is sent again:
 * only what may be said twice is said by this.
 */
export const remoteAt = async (
  url: string,
  token: string | undefined,
  { sub, roles }: { sub: string; roles: readonly string[] },
): Promise<Remote> => {
  const call = async (path: string, init: RequestInit): Promise<Response> => {
    for (let attempt = 1; ; attempt += 1) {
      try {
        const response = await fetch(`${url}${path}`, init);
        if (!PASSING.includes(response.status) || attempt === ATTEMPTS) return response;
      } catch (error) {
        if (attempt === ATTEMPTS) throw new HostProblem(`No Docket answers at ${url} (${messageOf(error)}).`);
      }
      await pause(250 * 2 ** attempt);
    }
  };
  const json = { 'content-type': 'application/json' };
  const localToken = async (): Promise<string> => {
    const answer = await call('/dev/token', { method: 'POST', headers: json, body: JSON.stringify({ sub, roles }) });
    if (!answer.ok) throw new HostProblem(`Name a token with --token (${roles.join(' or ')}).`);
    return z.object({ accessToken: z.string() }).parse(await answer.json()).accessToken;
  };
  const authorization = `Bearer ${token ?? (await localToken())}`;
  return {
    async send(path, { method = 'GET', body } = {}) {
      const response = await call(path, {
        method,
        headers: { authorization, ...(body !== undefined && json) },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      });
      if (response.ok) return response;
      throw new HostProblem(`${method} ${path.replace(/\?.*/, '')}: ${response.status} ${await response.text()}`);
    },
  };
};
