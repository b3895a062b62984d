import { SESv2Client, SESv2ServiceException, SendEmailCommand } from '@aws-sdk/client-sesv2';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, it } from 'vitest';
import { sesMail } from '../../../functions/mail/ses-mail.ts';

const ses = mockClient(SESv2Client);
beforeEach(() => ses.reset());

const mail = {
  from: 'help@shop.example',
  to: ['ada@example.com'],
  cc: [],
  bcc: ['boss@example.com'],
  raw: Buffer.from('Subject: Printer\r\n\r\nIt is out'),
  tags: { caseId: 'c-1', activityId: 'a-1' },
};
const handOver = (region = 'eu-west-1', set = 'docket-prod') => sesMail(new SESv2Client({ region }), set)(mail);

describe('Amazon SES', () => {
  it.each([
    ['eu-west-1', '<0102-x@eu-west-1.amazonses.com>'],
    ['us-east-1', '<0102-x@email.amazonses.com>'],
  ])('in %s gives a mail an id of its own', async (region, messageId) => {
    ses.on(SendEmailCommand).resolves({ MessageId: '0102-x' });
    expect(await handOver(region)).toEqual({ taken: true, externalId: '0102-x', messageId });
    expect(ses.commandCalls(SendEmailCommand)[0]?.args[0].input).toEqual({
      FromEmailAddress: 'help@shop.example',
      Destination: { ToAddresses: mail.to, CcAddresses: [], BccAddresses: mail.bcc },
      Content: { Raw: { Data: mail.raw } },
      ConfigurationSetName: 'docket-prod',
      EmailTags: [
        { Name: 'caseId', Value: 'c-1' },
        { Name: 'activityId', Value: 'a-1' },
      ],
    });
  });

  it.each([
    ['MessageRejected', 400, true, /not verified/],
    ['MailFromDomainNotVerifiedException', 400, true, /MAIL FROM/],
    ['AccountSuspendedException', 400, true, /suspended/],
    ['AccessDeniedException', 403, true, /mail\.domains/],
    ['BadRequestException', 400, true, /does not accept/],
    ['SomethingNewException', 400, true, /SomethingNewException/],
    ['TooManyRequestsException', 429, false, /rate/],
    ['ThrottlingException', 429, false, /ThrottlingException/],
    ['LimitExceededException', 400, false, /quota/],
    ['SendingPausedException', 400, false, /paused/],
    ['InternalFailure', 500, false, /InternalFailure/],
  ])(
    'that answers %s (%i) is final: %s, and says what an admin can do',
    async (name, httpStatusCode, isFinal, reason) => {
      const message = 'Address ada@example.com';
      ses
        .on(SendEmailCommand)
        .rejects(new SESv2ServiceException({ name, message, $fault: 'client', $metadata: { httpStatusCode } }));
      const handedOver = await handOver();
      expect(handedOver).toMatchObject({ taken: false, isFinal, reason: expect.stringMatching(reason) });
      expect(JSON.stringify(handedOver)).not.toContain('ada@');
    },
  );

  it('that cannot be reached is a fault, and asked again', async () => {
    ses.on(SendEmailCommand).rejects(new Error('ECONNRESET'));
    await expect(handOver()).rejects.toThrow('ECONNRESET');
  });

  it('is not asked by a stage that sends no mail', async () => {
    expect(await handOver('eu-west-1', '')).toMatchObject({ taken: false, isFinal: true });
    expect(ses.commandCalls(SendEmailCommand)).toHaveLength(0);
  });
});
