import { z } from 'zod';
import { refuse } from '../../domain/refusal.ts';
import type { Outcome, Request } from '../api/api.ts';
import { decodeCursor, encodeCursor } from '../api/cursor.ts';
import type { ListIntake } from '../channels/channels.routes.ts';
import type { Services } from '../services.ts';

/** A page of what came over a channel, the newest first. An outcome filters within the page. */
export const listIntake = async (
  { settings, intake }: Pick<Services, 'settings' | 'intake'>,
  { params: { channelId }, query }: Request<{ channelId: string }, z.infer<typeof ListIntake>, unknown>,
): Promise<Outcome> => {
  const { limit, cursor, outcome, from, to } = query;
  if ((await settings.channels.latest(channelId)).version === 0) {
    return refuse('NOT_FOUND', `There is no channel ${channelId}`);
  }
  const list = `intake ${JSON.stringify([channelId, outcome, from, to])}`;
  const position = decodeCursor(list, cursor, z.string());
  if (!position.accepted) return position;
  const { items, next } = await intake.list(channelId, { from, to, limit, after: position.value });
  const wanted = items.filter((one) => outcome === undefined || one.outcome === outcome);
  return { accepted: true, body: { items: wanted, ...(next && { nextCursor: encodeCursor(list, next) }) } };
};
