import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { InboundMessage, Incoming } from '../../../domain/intake/message.ts';
import { emailAdapter } from '../../../functions/channels/adapters/email.ts';
import { inTime } from '../../../functions/mail/in-time.ts';
import { plainText } from '../../../functions/mail/plain-text.ts';
import { readMail } from '../../../functions/mail/read-mail.ts';
import { visibleText } from '../../../functions/mail/visible-text.ts';
import { contextOf, parsed, requestOf } from '../../support/adapter-requests.ts';
import { rawMail } from '../../support/mail-sender.ts';

const ours = (address: string) => address.endsWith('@ours.example');

const incoming = async (mail: string | Buffer): Promise<Incoming> => {
  const [one] = await parsed(emailAdapter, requestOf(mail), contextOf(emailAdapter), ours);
  return one!;
};
const message = async (headers: Record<string, string | undefined>, text?: string): Promise<InboundMessage> => {
  const one = await incoming(rawMail(headers, text));
  if (!('message' in one)) throw new Error(JSON.stringify(one));
  return one.message;
};

describe('a mail', () => {
  it('is from whom its header says, in small letters, or from whom answers are to go to when we wrote it ourselves', async () => {
    expect((await message({ From: '"Ada, Countess" <Ada@Example.COM>' })).from).toEqual({
      id: 'ada@example.com',
      email: 'ada@example.com',
      name: 'Ada, Countess',
    });
    const form = { From: 'Web form <web@ours.example>', 'Reply-To': 'help@ours.example, Bob <bob@example.com>' };
    expect((await message(form)).from.id).toBe('bob@example.com');
    expect(await incoming(rawMail({ From: 'web@ours.example' }))).toMatchObject({ ignored: 'ownAddress' });
    expect(await incoming(rawMail({ From: undefined }))).toMatchObject({ failed: 'noSender' });
  });

  it('brings everybody whom it names into its case but ourselves; a machine brings nobody', async () => {
    const headers = {
      To: 'help@ours.example, Team: bob@example.com, Carol@example.com;',
      Cc: 'sales@ours.example, dan@example.com',
    };
    const people = ['ada@example.com', 'bob@example.com', 'carol@example.com', 'dan@example.com'];
    expect((await message(headers)).people).toEqual(people);
    const automatic = await message({ ...headers, 'Auto-Submitted': 'auto-replied' });
    expect(automatic).toMatchObject({ isAutomatic: true, details: { automatic: 'autoReply' } });
    expect(automatic.people).toBeUndefined();
  });

  it('of our own comes back to nothing, and one of another service like ours does not', async () => {
    const loop = { 'X-Docket-Loop': '0199f1e0-0000-7000-8000-000000000001' };
    expect(await incoming(rawMail({ ...loop, From: 'Help <Help@ours.example>' }))).toMatchObject({ ignored: 'loop' });
    expect(await message(loop)).toMatchObject({ isAutomatic: false });
  });

  it('without an id has one that follows from what it says, whatever the way has added', async () => {
    const mail = rawMail({ Date: 'Mon, 2 Mar 2026 09:00:00 +0000' });
    const first = await incoming(mail);
    expect((await incoming(`Received: by mx.example.com\r\n${mail}`)).externalId).toBe(first.externalId);
    expect((await incoming(mail.replace('fire', 'water'))).externalId).not.toBe(first.externalId);
    expect(first.externalId).toMatch(/^<[\da-f]{40}@derived\.invalid>$/);
  });

  it('that cannot be read says so', async () => {
    const nested = Array.from(
      { length: 200 },
      (_, n) => `Content-Type: multipart/mixed; boundary=b${n}\r\n\r\n--b${n}\r\n`,
    );
    expect(await incoming(`From: a@example.com\r\n${nested.join('')}`)).toMatchObject({ failed: 'unreadable' });
  });

  it('can be anything at all: it is read or told to be unreadable, and nothing else happens', async () => {
    const line = fc.oneof(
      fc.string(),
      fc.constantFrom(
        'Content-Type: multipart/mixed; boundary=x',
        '--x',
        '--x--',
        'Content-Transfer-Encoding: base64',
        'Content-Type: text/html; charset=nonsense',
        'Subject: =?utf-8?B?////?= =?x?Q?=ZZ?=',
        'From: <<@>>,,;',
        'To: undisclosed-recipients:;',
        'Date: yesterday',
        'References: <<<>>> <a',
        '',
      ),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(line, { maxLength: 30 }), fc.uint8Array({ maxLength: 200 }), async (lines, bytes) => {
        const one = await incoming(Buffer.concat([Buffer.from(lines.join('\r\n')), Buffer.from(bytes)]));
        expect('message' in one || 'failed' in one || 'ignored' in one).toBe(true);
        expect((await incoming(Buffer.concat([Buffer.from(lines.join('\r\n')), Buffer.from(bytes)]))).externalId).toBe(
          one.externalId,
        );
      }),
      { numRuns: 200 },
    );
  });

  it('keeps its files as they are: inline pictures, calendars, forwarded mails, and those without a name', async () => {
    const part = (headers: string, body: string) => `--x\r\n${headers}\r\n\r\n${body}\r\n`;
    const mail = [
      'From: a@example.com\r\nMIME-Version: 1.0\r\nContent-Type: multipart/related; boundary=x\r\n\r\n',
      part('Content-Type: text/html; charset=utf-8', '<p>See <img src="cid:1"></p>'),
      part('Content-Type: image/png\r\nContent-ID: <1>\r\nContent-Transfer-Encoding: base64', 'iVBORw=='),
      part('Content-Type: application/ms-tnef; name=winmail.dat\r\nContent-Transfer-Encoding: base64', 'eJ8+Ig=='),
      part("Content-Disposition: attachment; filename*=utf-8''Gr%C3%BC%C3%9Fe.txt\r\nContent-Type: text/plain", 'Hi'),
      '--x--\r\n',
    ].join('');
    const { files } = await readMail(Buffer.from(mail));
    expect(files.map(({ name, contentType, content }) => [name, contentType, content?.length])).toEqual([
      ['attachment-1.png', 'image/png', 4],
      ['winmail.dat', 'application/ms-tnef', 4],
      ['Grüße.txt', 'text/plain', 2],
    ]);
  });

  it('tells which mail of ours did not arrive', async () => {
    const activityId = '0199f1e0-0000-7000-8000-000000000001';
    const mail = [
      'From: MAILER-DAEMON@example.com\r\nTo: help@ours.example\r\nSubject: Returned\r\n',
      'Content-Type: multipart/report; report-type=delivery-status; boundary=x\r\n\r\n',
      '--x\r\nContent-Type: text/plain\r\n\r\nNo such user\r\n',
      '--x\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx\r\n\r\nAction: failed\r\nStatus: 5.1.1\r\n',
      `--x\r\nContent-Type: message/rfc822\r\n\r\nMessage-ID: <${activityId}@ours.example>\r\n\r\nHello\r\n--x--\r\n`,
    ].join('');
    expect(await incoming(mail)).toMatchObject({
      message: {
        isAutomatic: true,
        details: { automatic: 'bounce' },
        failedDelivery: { activityId, status: '5.1.1' },
        conversation: [`<${activityId}@ours.example>`],
      },
    });
  });
});

describe('what a mail says', () => {
  it('is text, of a page too', () => {
    const html =
      '<style>p{}</style><p>Hello <b>there</b></p><p><a href="https://example.com/x">here</a></p><script>x</script>';
    expect(plainText({ html })).toBe('Hello there\n\nhere [https://example.com/x]');
    expect(plainText({ text: ' \n', html: '<p>Hello</p>' })).toBe('Hello');
    expect(plainText({})).toBe('');
  });

  it('is without the mail that it answers, which the whole text has', async () => {
    const quoted =
      'Out\r\n\r\nOn Mon, 2 Mar 2026 at 09:00, Help <help@ours.example> wrote:\r\n\r\n> Is it on fire?\r\n> Still?';
    const answer = await message({ Subject: 'Re: Printer' }, quoted);
    expect(answer.text).toBe('Out');
    expect(answer.wholeText).toContain('> Still?');
    const forwarded = await message({ Subject: 'Fwd: Printer' }, quoted);
    expect(forwarded.text).toContain('> Still?');
    expect(forwarded.wholeText).toBeUndefined();
  });

  it('keeps the quotes between the words of an answer, and what looks like a signature in a first mail', () => {
    const inline = '> Is it on fire?\n\nYes\n\n> Still?\n\nYes\n\n> More?\n';
    expect(visibleText(inline, true)).toBe('Yes\n> Still?\nYes');
    expect(visibleText('Steps:\n1\n---\n2', false)).toBe('Steps:\n1\n---\n2');
    expect(visibleText('> all of it\n> is quoted', true)).toBe('> all of it\n> is quoted');
  });

  it('is found of texts that are made to take for ever, in part at least', async () => {
    expect(plainText({ html: `${'<div>'.repeat(200_000)}x` })).not.toBe('');
    for (const hostile of ['Op schreef '.repeat(6_000), `${'Dnia pisze '.repeat(3_000)}x`, '>'.repeat(50_000)]) {
      expect(visibleText(hostile, true).slice(0, 1_000)).toBe(hostile.slice(0, 1_000));
    }
    await expect(readMail(Buffer.from(`From: a@example.com\n\n${'\n'.repeat(1_000_000)}`))).rejects.toThrow('lines');
  });

  it('is given up when a library does not come to an end', () => {
    const forEver = (): string => {
      for (;;);
    };
    expect(inTime(50, forEver)).toBeUndefined();
    expect(inTime(60_000, () => 'read')).toBe('read');
  });
});
