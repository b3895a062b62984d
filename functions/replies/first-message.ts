import type { Caller, CaseChange } from '../../domain/cases/case-file.ts';
import type { CreateCase } from '../../domain/cases/create-case.ts';
import { accept, type Decision, invalid, refuse } from '../../domain/refusal.ts';
import { withMessage } from '../../domain/replies/queue-reply.ts';
import type { SettingsHead } from '../../domain/settings/kinds.ts';
import type { Instant } from '../../domain/time.ts';
import type { Services } from '../services.ts';
import { findChannel, partsOf, takingPart, wrongAddress } from './address-message.ts';

/** A new case with the message that opens it outward, if there is one. */
export const withFirstMessage = async (
  services: Pick<Services, 'settings' | 'ids'>,
  change: CaseChange,
  outbound: CreateCase['outbound'],
  { caller, now, head }: { caller: Caller; now: Instant; head: SettingsHead },
): Promise<Decision<CaseChange>> => {
  if (!outbound) return accept(change);
  const { channelId, to, text, subject } = outbound;
  const found = await findChannel(services, head, channelId, 'outbound.channelId');
  if (!found.accepted) return found;
  const { channel, adapter } = found.value;
  if (!adapter.send || !adapter.canInitiate(channel)) {
    return refuse('CHANNEL_CANNOT_INITIATE', `Nobody can be written to first over ${channelId}`);
  }
  if (wrongAddress(adapter, { to: [to] })) return invalid('outbound.to', 'is not an address of this channel');
  if (!partsOf(adapter, `${text}\n\n${channel.signature ?? ''}`)) {
    return invalid('outbound.text', `is too long for ${channelId}`);
  }
  const activityId = services.ids.at(now);
  const message = {
    activityId,
    channelId,
    type: adapter.replyType,
    to: [to],
    text,
    subject: subject ?? change.after.case.title,
  };
  const { case: opened } = change.after;
  const { participants = [] } = opened;
  const people = (await takingPart(services, head, adapter, [to])).filter((one) => !participants.includes(one));
  const after = { ...change.after, case: { ...opened, participants: [...participants, ...people] } };
  return accept(withMessage(people.length > 0 ? { ...change, after } : change, message, caller, now));
};
