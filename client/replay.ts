import { answered, upTo } from './ask.ts';
import type { DocketClient, paths } from './client.ts';

/** A failure as it is listed; `redrive` sets it going again and answers what became of it. */
interface Listed {
  of: string;
  reason: string;
  since: string;
  id: string;
  redrive: () => Promise<{ outcome: string; reason?: string }>;
}

type Places = NonNullable<NonNullable<paths['/v1/failures']['get']['parameters']['query']>['what']>;

const inService = (what: Places) => async (client: DocketClient) => {
  const items = await upTo(Number.POSITIVE_INFINITY, (cursor) =>
    answered(client.GET('/v1/failures', { params: { query: { what, limit: 100, cursor } } })),
  );
  return items.map(
    ({ of, reason, since, failureId }): Listed => ({
      of,
      reason,
      since,
      id: failureId,
      redrive: async () => {
        const asked = client.POST('/v1/failures/{failureId}/redrive', { params: { path: { failureId } } });
        const { response } = await asked;
        // Somebody else, or the sweeper, was faster.
        return response.status === 404 ? { outcome: 'done' } : answered(asked);
      },
    }),
  );
};

/** Deliveries to subscribers of webhooks that were given up after three days. */
const deliveries = async (client: DocketClient): Promise<Listed[]> => {
  const subscriptions = await upTo(Number.POSITIVE_INFINITY, (cursor) =>
    answered(client.GET('/v1/settings/webhook-subscriptions', { params: { query: { limit: 100, cursor } } })),
  );
  const listed = subscriptions.map(async ({ id }) => {
    const failed = await upTo(Number.POSITIVE_INFINITY, (cursor) =>
      answered(
        client.GET('/v1/settings/webhook-subscriptions/{id}/deliveries', {
          params: { path: { id }, query: { status: 'failed', limit: 100, cursor } },
        }),
      ),
    );
    return failed.map(({ deliveryId, createdOn, attempts }): Listed => {
      const { status, error } = attempts.at(-1) ?? {};
      const path = { id, deliveryId };
      return {
        of: id,
        reason: String(error ?? status ?? 'unknown'),
        since: createdOn,
        id: deliveryId,
        redrive: async () => {
          await answered(
            client.POST('/v1/settings/webhook-subscriptions/{id}/deliveries/{deliveryId}/redeliver', {
              params: { path },
            }),
          );
          return { outcome: 'underWay' };
        },
      };
    });
  });
  return (await Promise.all(listed)).flat();
};

/** Messages that came in over a channel and could not be understood. */
const intake = async (client: DocketClient): Promise<Listed[]> => {
  const channels = await upTo(Number.POSITIVE_INFINITY, (cursor) =>
    answered(client.GET('/v1/settings/channels', { params: { query: { limit: 100, cursor } } })),
  );
  const listed = channels.map(async ({ id: channelId }) => {
    const failed = await upTo(Number.POSITIVE_INFINITY, (cursor) =>
      answered(
        client.GET('/v1/channels/{channelId}/intake', {
          params: { path: { channelId }, query: { outcome: 'failed', limit: 100, cursor } },
        }),
      ),
    );
    return failed.map(
      ({ intakeId, receivedAt, reason = 'unknown' }): Listed => ({
        of: channelId,
        reason,
        since: receivedAt,
        id: intakeId,
        redrive: async () => {
          const { outcome, reason: because } = await answered(
            client.POST('/v1/channels/{channelId}/intake/{intakeId}/reprocess', {
              params: { path: { channelId, intakeId } },
              body: {},
            }),
          );
          return { outcome: outcome === 'failed' ? 'failedAgain' : 'done', reason: because };
        },
      }),
    );
  });
  return (await Promise.all(listed)).flat();
};

/** Every place where failures are kept, by the name under which an operator asks for it. */
export const failureQueues: Record<string, (client: DocketClient) => Promise<Listed[]>> = {
  givenUp: inService('givenUp'),
  parked: inService('parked'),
  deliveries,
  intake,
};

const age = (since: string, now: string): string => {
  const minutes = Math.max(0, Math.round((Date.parse(now) - Date.parse(since)) / 60_000));
  if (minutes < 120) return `${minutes} min`;
  return minutes < 2 * 24 * 60 ? `${Math.round(minutes / 60)} h` : `${Math.round(minutes / 60 / 24)} d`;
};

/**
 * Sets what failed going again, one after the other, and answers what became of each. Everything that it does was made
 * to be done more than once: it may be ended and started again anywhere, and beside another of its kind.
 */
export const replay = async (
  client: DocketClient,
  { what, dryRun }: { what?: string; dryRun?: boolean },
): Promise<Record<string, string>[]> => {
  const { now } = await answered(client.GET('/health', {}));
  const queues = Object.entries(failureQueues).filter(([name]) => what === undefined || name === what);
  const rows: Record<string, string>[] = [];
  for (const [name, list] of queues) {
    for (const { of, reason, since, id, redrive } of await list(client)) {
      const became = dryRun ? { outcome: 'waits', reason } : { reason, ...(await redrive()) };
      rows.push({ what: name, of, age: age(since, now), ...became, id });
    }
  }
  return rows;
};
