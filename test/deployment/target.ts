import { decodeJwt } from 'jose';
import { z } from 'zod';
import { type Client, clientOf } from '../support/api-client.ts';

/** Whoever the suite speaks as. `colleague` is a second agent. */
export const CALLERS = ['agent', 'colleague', 'supervisor', 'admin', 'integration'] as const;
export type CallerName = (typeof CALLERS)[number];

/** What the service takes each of them for. */
export const ROLES = {
  agent: 'agent',
  colleague: 'agent',
  supervisor: 'supervisor',
  admin: 'admin',
  integration: 'integration',
} as const satisfies Record<CallerName, string>;

/** A token for each caller, however it was come by. */
export type Tokens = Readonly<Record<CallerName, string>>;

/** A running service, wherever it runs, as those see it who know its address and have tokens. */
export interface Target extends Readonly<Record<CallerName, Client>> {
  readonly url: string;
  readonly stranger: Client;
  readonly tokens: Tokens;
  /** How the service names whoever calls. */
  idOf(caller: CallerName): string;
}

/** The service at `url`, as the holders of these tokens see it. */
export const targetOf = (url: string, tokens: Tokens): Target => {
  const as = (name: CallerName) => clientOf(url, tokens[name]);
  return {
    url,
    tokens,
    agent: as('agent'),
    colleague: as('colleague'),
    supervisor: as('supervisor'),
    admin: as('admin'),
    integration: as('integration'),
    stranger: clientOf(url),
    idOf(name) {
      const { sub, client_id: clientId } = decodeJwt<{ client_id?: string }>(tokens[name]);
      return String(name === 'integration' ? clientId : sub);
    },
  };
};

/** Gets a token for each caller, one after the other. */
export const tokensBy = async (get: (name: CallerName) => string | Promise<string>): Promise<Tokens> => ({
  agent: await get('agent'),
  colleague: await get('colleague'),
  supervisor: await get('supervisor'),
  admin: await get('admin'),
  integration: await get('integration'),
});

/** Where a caller's token is handed over: `DOCKET_TOKEN_AGENT` and so on. */
export const variableOf = (name: CallerName): string => `DOCKET_TOKEN_${name.toUpperCase()}`;

/** The service that the environment names, if it names one. */
export const targetFromEnvironment = async (env: NodeJS.ProcessEnv): Promise<Target | undefined> => {
  if (!env.DOCKET_URL) return undefined;
  const token = z.string();
  const tokens = await tokensBy((name) =>
    token.parse(env[variableOf(name)], { error: () => `DOCKET_URL is set, and ${variableOf(name)} is not` }),
  );
  return targetOf(env.DOCKET_URL.replace(/\/$/, ''), tokens);
};
