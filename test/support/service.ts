import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import { type Host, startHost } from '../../infra/local/host.ts';
import { type Answer, type Client, clientOf } from './api-client.ts';
import { assemblyOnce } from './assembly-once.ts';

/** Monday 2 March 2026, 09:00 in London: when the clock of every test's service starts. */
export const MONDAY = '2026-03-02T09:00:00.000Z';

/** A running service with a clock that only the test moves, and a client for each role. */
export interface Service {
  host: Host;
  anna: Client;
  ben: Client;
  supervisor: Client;
  admin: Client;
  integration: Client;
  nobody: Client;
  as(sub: string, ...roles: ('agent' | 'supervisor' | 'admin' | 'integration')[]): Promise<Client>;
  /** Moves the clock; everything that falls due on the way has happened when it resolves. */
  clockTo(instant: string): Promise<void>;
  /** Resolves when the streams are drained. */
  settled(): Promise<void>;
  customer(fields?: object): Promise<string>;
  /** A new case; what the body leaves out is filled in. */
  opened(fields?: object, by?: Client): Promise<Answer['body']>;
}

/** Starts a service for a test file on the real local parts, on a folder that `prepare` may furnish, and stops it after the last test. */
export const withService = ({ prepare }: { prepare?: (folder: string) => Promise<void> } = {}): Service => {
  let folder: string;
  const service = {} as Service;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'docket-test-'));
    await prepare?.(folder);
    const host = await startHost({
      port: 0,
      data: folder,
      speed: 0,
      clock: Date.parse(MONDAY),
      assembly: await assemblyOnce(),
      coldStarts: true,
    });
    Object.assign(service, await serviceOn(host));
  });
  afterAll(async () => {
    await service.host?.stop();
    rmSync(folder, { recursive: true, force: true });
  });
  return service;
};

/** The clients of a running service. */
export const serviceOn = async (host: Host): Promise<Service> => {
  const as: Service['as'] = async (sub, ...roles) => clientOf(host.url, await host.token({ sub, roles }));
  const [anna, ben] = [await as('anna', 'agent'), await as('ben', 'agent')];
  const [supervisor, admin] = [await as('sue', 'supervisor'), await as('root', 'admin')];
  // Whoever has been here once is a user whom cases can be given to.
  for (const person of [anna, ben, supervisor, admin]) await person.get('/v1/cases?limit=1');
  const customer: Service['customer'] = async (fields) =>
    (await anna.post('/v1/customers', { name: 'Ada Lovelace', kind: 'contact', ...fields })).body.customerId;
  return {
    host,
    as,
    anna,
    ben,
    supervisor,
    admin,
    integration: await as('erp', 'integration'),
    nobody: clientOf(host.url),
    clockTo: (instant) => host.advance(Date.parse(instant)),
    settled: () => host.settled(),
    customer,
    async opened(fields = {}, by = anna) {
      const isChild = 'parentId' in fields;
      const answer = await by.post('/v1/cases', {
        title: 'The printer is on fire',
        origin: 'web',
        ...(!isChild && { customerId: await customer() }),
        ...fields,
      });
      if (answer.status !== 201) throw new Error(`${answer.status} ${JSON.stringify(answer.body)}`);
      return answer.body;
    },
  };
};
