import { z } from 'zod';

const verdict = z.object({ status: z.string().max(30) }).transform(({ status }) => status);

/** What SES tells of a mail that it has put into the bucket: its name there, whom it was for, and what SES makes of it. */
export const SesReceived = z.object({
  Records: z.tuple([
    z.object({
      eventSource: z.literal('aws:ses'),
      ses: z.object({
        mail: z.object({ messageId: z.string().regex(/^[\w-]{1,200}$/) }),
        receipt: z.object({
          recipients: z.array(z.string().max(320)),
          spamVerdict: verdict,
          virusVerdict: verdict,
          spfVerdict: verdict,
          dkimVerdict: verdict,
          dmarcVerdict: verdict,
          /** What the domain of the sender wants done with mail that is not its own; told only of such. */
          dmarcPolicy: z.string().max(30).optional(),
        }),
      }),
    }),
  ]),
});
export type SesReceived = z.infer<typeof SesReceived>;

/** The verdicts as headers, as which they are kept with the mail. Senders cannot set these: they are not part of it. */
export const verdictHeaders = ({
  spamVerdict,
  virusVerdict,
  spfVerdict,
  dkimVerdict,
  dmarcVerdict,
  dmarcPolicy,
}: SesReceived['Records'][0]['ses']['receipt']): Record<string, string> => ({
  'docket-verdict-spam': spamVerdict,
  'docket-verdict-virus': virusVerdict,
  'docket-verdict-spf': spfVerdict,
  'docket-verdict-dkim': dkimVerdict,
  'docket-verdict-dmarc': dmarcVerdict,
  ...(dmarcPolicy && { 'docket-verdict-policy': dmarcPolicy }),
});
