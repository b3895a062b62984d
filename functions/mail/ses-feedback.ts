import { z } from 'zod';
import type { Feedback } from '../../domain/replies/after-feedback.ts';
import type { NamedMessage } from '../replies/outgoing.ts';

const tag = z.tuple([z.uuid()]).transform(([value]) => value);
const word = z.string().max(60).optional();

/** What SES tells of a mail, as far as it is read. Receivers and the words of their servers stay where they are. */
const SesEvent = z.object({
  detail: z.object({
    eventType: z.string().max(60),
    mail: z.object({ tags: z.object({ caseId: tag, activityId: tag }) }),
    bounce: z
      .object({
        bounceType: z.string().max(60),
        bounceSubType: word,
        bouncedRecipients: z.array(
          z.object({
            status: z
              .string()
              .regex(/^[\d.]{1,12}$/)
              .optional()
              .catch(undefined),
          }),
        ),
      })
      .optional(),
    complaint: z.object({ complaintFeedbackType: word.nullable(), complaintSubType: word.nullable() }).optional(),
  }),
});

/** Bounces that are no permanent ones, and yet mean that this mail has not arrived. */
const NOT_ARRIVED = ['MailboxFull', 'MessageTooLarge', 'ContentRejected', 'AttachmentRejected'];

/** What an event of SES says of a message of ours; nothing for what changes nothing, such as a delay. */
export const feedbackOf = (event: unknown): { named: NamedMessage; feedback: Feedback } | undefined => {
  const { eventType, mail, bounce, complaint } = SesEvent.parse(event).detail;
  const told = (delivery: Feedback['delivery'], reason: string) => ({
    named: mail.tags,
    feedback: { delivery, reason },
  });
  if (eventType === 'Bounce' && bounce) {
    const { bounceType, bounceSubType = 'General', bouncedRecipients } = bounce;
    if (bounceType !== 'Permanent' && !NOT_ARRIVED.includes(bounceSubType)) return undefined;
    const status = bouncedRecipients.find((receiver) => receiver.status)?.status;
    const how = [bounceType, bounceSubType, ...(status ? [status] : [])].join(', ');
    return told('bounced', `it came back from ${bouncedRecipients.length} of its receivers: ${how}`);
  }
  if (eventType === 'Complaint') {
    const how = complaint?.complaintSubType ?? complaint?.complaintFeedbackType;
    return told('failed', `a receiver has complained of it as unwanted${how ? `: ${how}` : ''}`);
  }
  if (eventType === 'Reject') return told('failed', 'Amazon SES found a virus in it');
  return undefined;
};
