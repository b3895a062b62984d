import { createHash } from 'node:crypto';
import type { Refusal } from '../../domain/refusal.ts';
import { LostRace } from '../table/table.ts';
import { Transaction } from '../table/transaction.ts';
import type { IntakeServices } from './carry-out.ts';
import { packed } from './raw-message.ts';
import { type Entrance, rawOf } from './take-in.ts';

/**
 * Keeps what could not be understood, so that it can be taken in once its mapping has been put right. The sender is told,
 * and may send it better under the same id; what it sends again as it was is kept once.
 */
export const recordUnread = async (
  services: IntakeServices,
  { channelId, adapter, request }: Entrance,
  { code, detail }: Refusal,
): Promise<void> => {
  const bodyHash = createHash('sha256').update(request.body).digest('base64');
  const now = services.now();
  const intakeId = services.ids.at(now);
  const externalId = `unread ${bodyHash}`;
  const transaction = new Transaction();
  const answer = { outcome: 'ignored', reason: code } as const;
  services.intake.answer(
    transaction,
    { scope: channelId, externalId },
    { bodyHash, answer, intakeId },
    { now, again: false },
  );
  services.intake.put(transaction, {
    intakeId,
    channelId,
    externalId,
    receivedAt: now,
    outcome: 'failed',
    reason: code,
    ...(detail && { detail }),
    trace: [],
    revision: 1,
  });
  services.intake.putRaw(transaction, intakeId, await packed(services, rawOf({ adapter, request })), now);
  try {
    await services.table.transact(transaction);
  } catch (error) {
    if (!(error instanceof LostRace)) throw error;
  }
};
