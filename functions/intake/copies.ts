import type { Intake } from '../../domain/intake/intake.ts';
import type { Incoming } from '../../domain/intake/message.ts';
import type { Answered } from '../table/intake-store.ts';
import { LostRace } from '../table/table.ts';
import { Transaction } from '../table/transaction.ts';
import type { IntakeServices } from './carry-out.ts';
import { packed } from './raw-message.ts';
import { type Entrance, rawOf } from './take-in.ts';

/** What comes again under an id by which it is known for ever, though not as it came first. */
interface Copy {
  earlier: Answered;
  first: NonNullable<Answered['first']>;
  id: { scope: string; externalId: string };
}

const copyOf = (externalId: string, bytesHash: string): string => `${externalId} copy ${bytesHash}`;

/** Whether a record is of what has this id, or of a copy of it. */
export const isCopyOf = ({ externalId: recorded }: Intake, externalId: string): boolean =>
  recorded === externalId || recorded.startsWith(copyOf(externalId, ''));

/**
 * Records that a mail came again by another way, or that another came under its id: nothing follows from it, but it is
 * in the list, and may be taken in for itself. However often it is repeated, it is recorded once.
 */
export const recordCopy = async (
  services: IntakeServices,
  entrance: Entrance,
  incoming: Incoming,
  { earlier, first, id: { scope, externalId: original } }: Copy,
): Promise<void> => {
  const { channelId } = entrance;
  const externalId = copyOf(original, `${first.bytesHash} ${channelId}`);
  if (await services.intake.answered(scope, externalId)) return;
  const now = services.now();
  const intakeId = services.ids.at(now);
  const { answer, bodyHash, intakeId: firstId, first: { channelId: by } = { channelId } } = earlier;
  const transaction = new Transaction();
  services.intake.answer(transaction, { scope, externalId }, { answer, bodyHash, intakeId }, { now, again: false });
  const said = 'message' in incoming ? incoming.message : undefined;
  services.intake.put(transaction, {
    intakeId,
    channelId,
    externalId,
    receivedAt: now,
    outcome: 'ignored',
    reason: 'sameMessageId',
    detail: `it came before, over ${by}: ${firstId}`,
    trace: [],
    ...(said && { from: said.from }),
    ...(said?.subject && { subject: said.subject.slice(0, 200).toWellFormed() }),
    revision: 1,
  });
  services.intake.putRaw(transaction, intakeId, await packed(services, rawOf(entrance)), now);
  try {
    await services.table.transact(transaction);
  } catch (error) {
    if (!(error instanceof LostRace)) throw error;
  }
};
