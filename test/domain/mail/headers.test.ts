import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { writtenBy } from '../../../domain/mail/automatic.ts';
import { failureIn, nameIn } from '../../../domain/mail/failed-delivery.ts';
import { answeredBy, messageIdsIn } from '../../../domain/mail/message-ids.ts';
import { referenceKeysIn } from '../../../domain/mail/reference-keys.ts';
import { isAnswer, isForwarded } from '../../../domain/mail/subject.ts';
import { conversationOf } from '../../../domain/mail/thread-index.ts';

const id = fc.stringMatching(/^<[a-z0-9.+-]{1,20}@[a-z0-9.]{1,20}>$/);

describe('the messages that a mail answers', () => {
  it('are found in whatever stands around them, each once', () => {
    const noise = fc.stringMatching(/^[ \t\r\n,;()a-z]{0,10}$/);
    fc.assert(
      fc.property(fc.array(fc.tuple(id, noise), { maxLength: 20 }), (parts) => {
        const header = parts.flat().join(' ');
        expect(messageIdsIn(header)).toEqual([...new Set(parts.map(([one]) => one))]);
      }),
    );
  });

  it('are told the closest first, and never too many', () => {
    fc.assert(
      fc.property(id, fc.uniqueArray(id, { maxLength: 120 }), (inReplyTo, thread) => {
        const answered = answeredBy({ inReplyTo, references: thread.join(' ') });
        expect(answered[0]).toBe(inReplyTo);
        expect(answered.length).toBeLessThanOrEqual(50);
        expect(new Set(answered).size).toBe(answered.length);
        for (const end of [thread[0], thread.at(-1)]) if (end) expect(answered).toContain(end);
      }),
    );
  });

  it('may stand there without brackets', () => {
    expect(messageIdsIn('1234@example.com, abc@example.com')).toEqual(['<1234@example.com>', '<abc@example.com>']);
  });

  it('are none in nonsense', () => {
    fc.assert(fc.property(fc.string(), (text) => messageIdsIn(text).every((one) => /^<[^<>\s]+>$/.test(one))));
  });
});

describe('a reference key', () => {
  it('is found wherever programs, people and other systems have put things around it', () => {
    const key = fc.stringMatching(/^CASE-\d{6}-[0-9A-HJKMNP-TV-Z]{4}$/);
    const before = fc.constantFrom('', 'Re: ', 'AW: WG: ', '[Ticket#4711] ', '[EXT] RE: (', 'Fwd: Hello [');
    const after = fc.constantFrom('', ']', '] Printer', ') on fire', ', please', '\tand more');
    fc.assert(
      fc.property(before, key, after, fc.boolean(), (head, own, tail, isSmall) => {
        expect(referenceKeysIn(`${head}${isSmall ? own.toLowerCase() : own}${tail}`)).toEqual([own]);
      }),
    );
  });

  it('is none that is only part of a word, and another system’s is none', () => {
    for (const subject of [
      'XCASE-000123-4F7K',
      'CASE-000123-4F7KX',
      'CASE-000123',
      '[Ticket#000123-4F7K]',
      'case closed',
    ])
      expect(referenceKeysIn(subject)).toEqual([]);
    expect(referenceKeysIn('[CASE-000002-AAAA] [CASE-000001-BBBB] case-000002-aaaa')).toEqual([
      'CASE-000002-AAAA',
      'CASE-000001-BBBB',
    ]);
  });
});

describe('a subject', () => {
  it.each([
    ['Re: Printer', true, false],
    ['AW: Printer', true, false],
    ['[EXT] Antw: Printer', true, false],
    ['RE[2]: Printer', true, false],
    ['回复：Printer', true, false],
    ['Fwd: Printer', false, true],
    ['WG: AW: Printer', false, true],
    ['[Ticket#17] FW: Printer', false, true],
    ['Re: Fwd: Printer', true, false],
    ['Printer: it is on fire', false, false],
    ['Refund: please', false, false],
    ['', false, false],
  ])('“%s”: an answer %s, forwarded %s', (subject, answer, forwarded) => {
    expect([isAnswer(subject), isForwarded(subject)]).toEqual([answer, forwarded]);
  });
});

describe('a thread of Exchange', () => {
  it('has the same key in its first mail and in all answers', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 22, maxLength: 22 }),
        fc.array(fc.uint8Array({ minLength: 5, maxLength: 5 }), { maxLength: 20 }),
        (root, answers) => {
          const key = conversationOf(Buffer.from(root).toString('base64'));
          expect(key).toBeDefined();
          expect(conversationOf(Buffer.concat([root, ...answers]).toString('base64'))).toBe(key);
        },
      ),
    );
  });

  it('is none that is no thread', () => {
    for (const value of [undefined, '', 'AQHO', 'not base64 at all, but long enough to be one']) {
      expect(conversationOf(value)).toBeUndefined();
    }
  });
});

describe('a mail is written by', () => {
  const by = (headers: Record<string, string>, about: { from?: string; subject?: string; ours?: string[] } = {}) =>
    writtenBy((name) => (name in headers ? [headers[name] ?? ''] : []), {
      from: about.from ?? 'ada@example.com',
      subject: about.subject ?? 'Printer',
      isOurs: (address) => (about.ours ?? []).includes(address),
    });

  it.each([
    [{ 'auto-submitted': 'no' }],
    [{ 'auto-submitted': 'No; owner-email="x"' }],
    [{ precedence: 'first-class' }],
    [{ 'x-auto-response-suppress': 'DR, RN, NRN' }],
    [{ 'x-autorespond': 'no' }],
    [{ 'return-path': '<ada@example.com>' }],
    [{}],
  ])('a person: %j', (headers) => {
    expect(by(headers)).toBeUndefined();
  });

  it.each([
    [{ 'auto-submitted': 'auto-replied' }, 'autoReply'],
    [{ 'auto-submitted': 'auto-generated (failure)' }, 'autoReply'],
    [{ 'auto-submitted': 'auto-notified; owner-email="x"' }, 'autoReply'],
    [{ 'x-auto-response-suppress': 'All' }, 'autoReply'],
    [{ 'x-auto-response-suppress': 'DR, OOF, AutoReply' }, 'autoReply'],
    [{ 'x-autoreply': 'yes' }, 'autoReply'],
    [{ 'x-autorespond': 'Out of office' }, 'autoReply'],
    [{ precedence: 'auto_reply' }, 'autoReply'],
    [{ 'x-post-messageclass': '9; Autoresponder' }, 'autoReply'],
    [{ 'return-path': '<>' }, 'autoReply'],
    [{ 'content-type': 'multipart/report; report-type=disposition-notification' }, 'autoReply'],
    [{ 'content-type': 'multipart/report;\r\n report-type="delivery-status"' }, 'bounce'],
    [{ 'x-failed-recipients': 'bob@example.com' }, 'bounce'],
    [{ precedence: 'bulk' }, 'bulk'],
    [{ precedence: 'list' }, 'bulk'],
    [{ 'list-unsubscribe': '<https://example.com/out>' }, 'bulk'],
    [{ 'list-id': 'News <news.example.com>' }, 'bulk'],
  ])('a machine: %j', (headers, machine) => {
    expect(by(headers)).toBe(machine);
  });

  it('a machine, by who it says that it is or what it writes above', () => {
    expect(by({}, { from: 'mailer-daemon@example.com' })).toBe('bounce');
    expect(by({}, { from: 'postmaster@example.com', subject: 'Undeliverable: Printer' })).toBe('bounce');
    expect(by({}, { from: 'postmaster@example.com' })).toBeUndefined();
    expect(by({}, { subject: 'Automatic reply: Printer' })).toBe('autoReply');
    expect(by({}, { subject: 'Abwesenheitsnotiz: Drucker' })).toBe('autoReply');
    expect(by({}, { subject: 'Your automatic reply is broken' })).toBeUndefined();
  });

  it('a person, where the list that hands it on is a mailbox of ours', () => {
    const group = { 'list-id': 'help.ours.example', precedence: 'list', 'list-post': '<mailto:Help@ours.example>' };
    expect(by(group)).toBe('bulk');
    expect(by(group, { ours: ['help@ours.example'] })).toBeUndefined();
    expect(by({ ...group, 'auto-submitted': 'auto-replied' }, { ours: ['help@ours.example'] })).toBe('autoReply');
  });
});

describe('a report on a delivery', () => {
  const report = (action: string) =>
    `Reporting-MTA: dns; mx.example.com\r\n\r\nFinal-Recipient: rfc822; bob@example.com\r\nAction: ${action}\r\nStatus: 5.1.1\r\nDiagnostic-Code: smtp; 550 5.1.1\r\n no such user\r\n`;

  it('says that a mail has failed, not that it is late', () => {
    expect(failureIn(report('failed'))).toEqual({ status: '5.1.1' });
    for (const action of ['delayed', 'delivered', 'relayed']) expect(failureIn(report(action))).toBeUndefined();
    expect(failureIn('')).toBeUndefined();
  });

  it('names the mail by what came back of its headers', () => {
    const activityId = '0199f1e0-0000-7000-8000-000000000001';
    expect(nameIn(`Message-ID: <${activityId}@ours.example>\nSubject: Re`)).toEqual({
      messageIds: [`<${activityId}@ours.example>`],
      activityId,
    });
    expect(
      nameIn(`Message-ID:\r\n <0102@eu-west-1.amazonses.com>\r\nX-Docket-Loop: ${activityId}\r\n\r\nText`),
    ).toEqual({
      messageIds: ['<0102@eu-west-1.amazonses.com>'],
      activityId,
    });
    expect(nameIn('Subject: none')).toEqual({ messageIds: [] });
  });
});
