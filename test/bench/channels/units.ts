import { toInstant } from '../../../domain/time.ts';
import { putChannel } from '../../../functions/channels/change-channels.ts';
import { PutChannel } from '../../../functions/channels/channels.routes.ts';
import { receive } from '../../../functions/channels/receive.ts';
import { meter } from '../../support/capacity-meter.ts';
import { deskOn } from '../../support/desk.ts';
import { openLocalTable } from '../../support/open-local-table.ts';
import { kinds, type Signed } from './kinds.ts';

/** Prints the capacity units that a message spends, beside those of the API; without what the stream does afterwards. */
export const benchUnits = async (assembly: string): Promise<void> => {
  // The library that verifies webhooks knows no clock but the machine's.
  const { local, stop } = await openLocalTable(assembly, toInstant(Date.now()));
  try {
    const { services } = local;
    const desk = deskOn(services);
    const { reset, read } = meter(local);
    console.log('\nCapacity units of a request, by its use case on the local database');
    console.log(`  ${''.padEnd(32)}${'write'.padStart(8)}${'read'.padStart(8)}`);
    const measure = async (what: string, work: () => Promise<unknown>): Promise<void> => {
      reset();
      await work();
      const { write, read: reads } = read();
      console.log(`  ${what.padEnd(32)}${String(write).padStart(8)}${String(reads).padStart(8)}`);
    };
    // Settings are read once a process: not by the first that is measured.
    const { caseId } = (await desk.open()).case;
    await measure('API: opens a case', () => desk.open());
    await desk.record(caseId, { type: 'chat', direction: 'inbound', body: 'Text' });
    await measure('API: records an activity', () =>
      desk.record(caseId, { type: 'chat', direction: 'inbound', body: 'Text' }),
    );
    for (const { kind, secrets, message } of kinds) {
      const made = await putChannel(services, {
        params: { id: kind },
        query: {},
        body: PutChannel.parse({ kind, messagesPerMinute: 1_000_000, ...(secrets && { secrets }) }),
        caller: { userId: 'root', roles: ['admin'] },
        correlationId: 'bench',
      });
      if (!made.accepted) throw new Error(`${kind}: ${made.detail}`);
      const { secret } = made.body as { secret: string };
      const send = async ({ headers, body }: Signed): Promise<void> => {
        const received = await receive(
          {
            ...services,
            files: { put: async () => {} },
            http: async () => ({ answered: false, fault: 'notConnected', durationMs: 0 }),
          },
          {
            channelId: kind,
            door: 'inbound',
            request: { method: 'POST', url: 'https://docket.example', headers, query: {}, body: Buffer.from(body) },
            correlationId: 'bench',
          },
        );
        if ('code' in received) throw new Error(`${kind}: ${received.code} ${received.detail}`);
      };
      const of = (conversation: number, isFirst: boolean) => ({
        conversation,
        isFirst,
        secret,
        now: Date.parse(services.now()),
      });
      await measure(`${kind}: a stranger opens a case`, () => send(message(1, of(1, true))));
      await measure(`${kind}: opens a case`, () => send(message(2, of(2, true))));
      await send(message(3, of(2, false)));
      await measure(`${kind}: is added to a case`, () => send(message(4, of(2, false))));
      if (kind === 'webhook') await measure(`${kind}: had come before`, () => send(message(4, of(2, false))));
    }
  } finally {
    await stop();
  }
};
