import { z } from 'zod';
import { IN_PROGRESS, MERGED, ReasonId, StatusReason } from '../../domain/cases/status-reasons.ts';
import { Instant, toInstant, toMs } from '../../domain/time.ts';
import type { Outcome, Request } from '../api/api.ts';
import type { Services } from '../services.ts';

export const UnusedQuery = z.strictObject({ days: z.coerce.number().int().min(1).max(3_650).default(90) });

const { status, label, enabled } = StatusReason.shape;
export const UnusedReasons = z
  .object({
    asOf: Instant,
    days: z.int(),
    items: z.array(
      z.object({
        id: ReasonId,
        status,
        label,
        enabled: enabled.unwrap(),
        lastUsedOn: Instant.optional().describe('To the day; absent when no case ever moved to it'),
      }),
    ),
  })
  .meta({ id: 'UnusedReasons' });

const DAY_MS = 24 * 60 * 60_000;

/**
 * The reasons to which no case has moved for so many days: candidates for being disabled. New cases stand in one
 * without moving there, and a merge needs another; those two can never be done without.
 */
export const unusedReasons = async (
  { settings, reasons, now }: Pick<Services, 'settings' | 'reasons' | 'now'>,
  { query: { days } }: Request<unknown, z.infer<typeof UnusedQuery>, unknown>,
): Promise<Outcome> => {
  const asOf = now();
  const [model, lastUses] = await Promise.all([settings.statusModel(await settings.head()), reasons.lastUses()]);
  const lastDay = toInstant(toMs(asOf) - days * DAY_MS).slice(0, 10);
  const items = Object.entries(model.reasons)
    .filter(([id]) => id !== IN_PROGRESS && id !== MERGED)
    .map(([id, { status, label, enabled }]) => ({ id, status, label, enabled, lastUsedOn: lastUses.get(id) }))
    .filter(({ lastUsedOn }) => lastUsedOn === undefined || lastUsedOn.slice(0, 10) < lastDay);
  return { accepted: true, body: { asOf, days, items } };
};
