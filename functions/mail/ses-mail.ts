import { type SESv2Client, SESv2ServiceException, SendEmailCommand } from '@aws-sdk/client-sesv2';
import type { MailHandedOver, SendMail } from './send-mail.ts';

/** What SES refuses for as long as nobody changes anything, in the words of who can. */
const FINAL: Readonly<Record<string, string>> = {
  MessageRejected:
    'Amazon SES rejected it: the sender’s address is not verified, or in the sandbox the receiver’s, or it takes no such content',
  MailFromDomainNotVerifiedException: 'the MAIL FROM domain of the sender’s identity is not verified at Amazon SES',
  AccountSuspendedException: 'Amazon SES has suspended sending for this account: its support has to be asked',
  BadRequestException: 'Amazon SES does not accept the addresses or the headers of the message',
  AccessDeniedException:
    'the service may not send as this mailbox: its domain is not among `mail.domains` of the stage',
};

/** What somebody may put right within the day in which it is tried again. */
const PASSING: Readonly<Record<string, string>> = {
  TooManyRequestsException: 'Amazon SES takes no more at this rate just now',
  LimitExceededException: 'the quota of Amazon SES is used up',
  SendingPausedException: 'sending is paused at Amazon SES, for the account or the configuration set',
  NotFoundException: 'the configuration set that the stage names is not there',
};

/** Hands mails over to Amazon SES. Without a configuration set the stage has not been set up to send any. */
export const sesMail =
  (client: SESv2Client, configurationSet: string): SendMail =>
  async ({ from, to, cc, bcc, raw, tags }) => {
    if (!configurationSet) return { taken: false, reason: 'this stage is not set up to send mail', isFinal: true };
    try {
      const { MessageId: id = '' } = await client.send(
        new SendEmailCommand({
          FromEmailAddress: from,
          Destination: { ToAddresses: [...to], CcAddresses: [...cc], BccAddresses: [...bcc] },
          Content: { Raw: { Data: raw } },
          ConfigurationSetName: configurationSet,
          EmailTags: Object.entries(tags).map(([Name, Value]) => ({ Name, Value })),
        }),
      );
      return { taken: true, externalId: id, messageId: `<${id}@${await hostOf(client)}>` };
    } catch (error) {
      if (error instanceof SESv2ServiceException) return refused(error);
      throw error;
    }
  };

/** SES writes a `Message-ID` of its own over whichever it is given: the id that it answers, and where it has been. */
const hostOf = async (client: SESv2Client): Promise<string> => {
  const region = await client.config.region();
  return region === 'us-east-1' ? 'email.amazonses.com' : `${region}.amazonses.com`;
};

const refused = ({ name, $metadata: { httpStatusCode = 500 } }: SESv2ServiceException): MailHandedOver => {
  const final = FINAL[name];
  if (final) return { taken: false, reason: final, isFinal: true };
  const isFinal = PASSING[name] === undefined && httpStatusCode < 500 && httpStatusCode !== 429;
  return { taken: false, reason: PASSING[name] ?? `Amazon SES answered ${name}`, isFinal };
};
