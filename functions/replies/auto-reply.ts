import type { CaseChange } from '../../domain/cases/case-file.ts';
import { channelCaller } from '../../domain/intake/record-message.ts';
import { withMessage } from '../../domain/replies/queue-reply.ts';
import { toInstant, toMs } from '../../domain/time.ts';
import { renderTemplate } from '../channels/render-template.ts';
import type { Arriving } from '../intake/carry-out.ts';
import type { Services } from '../services.ts';
import { valuesOf } from './address-message.ts';

const HOUR_MS = 60 * 60_000;

/** Two machines that answer each other stop after so many an hour. */
const MOST_AN_HOUR = 3;

/** A change with the automatic answer to the message that made it, if there is to be one. */
export const autoReplied = async (
  services: Pick<Services, 'intake' | 'settings' | 'customers' | 'ids'>,
  { channelId, channel, adapter, message, head, now }: Arriving,
  change: CaseChange,
  templateId: string | undefined,
  more: object = {},
): Promise<CaseChange> => {
  if (!templateId || message.isAutomatic || !adapter.send) return change;
  const template = await services.settings.messageTemplates.find(templateId, head);
  if (template?.document.kind !== 'autoReply') return change;
  const start = toInstant(Math.floor(toMs(now) / HOUR_MS) * HOUR_MS);
  const what = `answered ${channelId} ${message.from.id}`;
  if ((await services.intake.count(what, { start, seconds: HOUR_MS / 1000 })) > MOST_AN_HOUR) return change;
  const customer = await services.customers.find(change.after.case.customerId);
  const values = { ...valuesOf(change.after, channel, customer), message: { text: message.text }, ...more };
  const { subject = message.subject, text } = await renderTemplate(template.document, values);
  const answer = {
    activityId: services.ids.at(now),
    channelId,
    type: adapter.replyType,
    to: [message.answersTo ?? message.from.id],
  };
  return withMessage(
    change,
    { ...answer, subject, text, templateId, isAutomatic: true },
    channelCaller(channelId),
    now,
  );
};
