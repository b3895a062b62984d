import fc from 'fast-check';
import PostalMime from 'postal-mime';
import { describe, expect, it } from 'vitest';
import type { OutboundMessage } from '../../../functions/channels/adapters/adapter.ts';
import { composeMail } from '../../../functions/mail/compose-mail.ts';

const ID = '0199f1e0-0000-7000-8000-000000000001';
const mailbox = { address: 'help@shop.example', fromName: 'The shop', now: '2026-03-09T13:30:00.000Z' };

const message = (change: Partial<OutboundMessage> = {}): OutboundMessage => ({
  messageId: ID,
  caseId: '0199f1e0-0000-7000-8000-000000000002',
  caseNumber: 'CASE-000123',
  referenceKey: 'CASE-000123-4F7K',
  to: ['ada@example.com'],
  subject: 'Printer',
  text: 'It is out',
  files: [],
  isAutomatic: false,
  ...change,
});

const file = (name: string, contentType: string, content: Uint8Array) => ({
  name,
  contentType,
  size: content.length,
  content: async () => content,
});

const composed = async (change: Partial<OutboundMessage> = {}, from = {}) => {
  const made = await composeMail(message(change), { ...mailbox, ...from });
  if ('refused' in made) throw new Error(made.refused);
  return { ...made, mail: await PostalMime.parse(Buffer.from(made.raw)), head: Buffer.from(made.raw).toString() };
};
const refusal = async (change: Partial<OutboundMessage>, from = {}) => {
  const made = await composeMail(message(change), { ...mailbox, ...from });
  return 'refused' in made ? made.refused : undefined;
};
const headers = (head: string) =>
  head
    .slice(0, head.indexOf('\r\n\r\n'))
    .replaceAll(/\r\n[ \t]+/g, ' ')
    .split('\r\n');
const valuesOf = (head: string, name: string) =>
  headers(head)
    .filter((one) => one.startsWith(`${name}: `))
    .map((one) => one.slice(name.length + 2));

describe('a mail', () => {
  it('comes from the mailbox, has an id that stays, and says nobody who was copied in secret', async () => {
    const made = await composed({ cc: ['Bob <bob@example.com>'], bcc: ['boss@example.com'] });
    expect(made).toMatchObject({
      from: 'help@shop.example',
      to: ['ada@example.com'],
      cc: ['bob@example.com'],
      bcc: ['boss@example.com'],
      messageId: `<${ID}@shop.example>`,
    });
    expect(made.mail).toMatchObject({
      from: { name: 'The shop', address: 'help@shop.example' },
      to: [{ address: 'ada@example.com' }],
      cc: [{ name: 'Bob', address: 'bob@example.com' }],
      subject: 'Printer [CASE-000123-4F7K]',
      messageId: `<${ID}@shop.example>`,
      date: mailbox.now,
    });
    expect(made.head).not.toContain('boss');
    expect(valuesOf(made.head, 'X-Docket-Loop')).toEqual([ID]);
    expect(valuesOf(made.head, 'Auto-Submitted')).toEqual([]);
    expect(Buffer.from(made.raw)).toEqual(Buffer.from((await composed({ cc: ['Bob <bob@example.com>'] })).raw));
  });

  it('answers the last mail, and names the conversation', async () => {
    const conversation = ['<one@example.com>', 'no id', '<two@example.com>'];
    const { mail } = await composed({ conversation, thread: { messageId: '<two@example.com>' } });
    expect(mail).toMatchObject({
      subject: 'Re: Printer [CASE-000123-4F7K]',
      inReplyTo: '<two@example.com>',
      references: '<one@example.com> <two@example.com>',
    });
  });

  it('that nobody wrote says so, so that no machine answers it', async () => {
    const { head } = await composed({ isAutomatic: true });
    expect(valuesOf(head, 'Auto-Submitted')).toEqual(['auto-replied']);
    expect(valuesOf(head, 'X-Auto-Response-Suppress')).toEqual(['All']);
  });

  it('writes domains of other scripts as DNS knows them', async () => {
    const made = await composed({ to: ['"Müller, Jörg" <jm@bücher.example>'] });
    expect(made.to).toEqual(['jm@xn--bcher-kva.example']);
    expect(made.mail.to).toEqual([{ name: 'Müller, Jörg', address: 'jm@xn--bcher-kva.example' }]);
  });

  it.each([
    ['a mailbox without an address', {}, { address: undefined }, /^the channel has no address/],
    ['what is no address', { to: ['ada'] }, {}, /^to\.0 is not an address/],
    ['two addresses in one', { to: ['ada@example.com, eve@example.com'] }, {}, /^to\.0/],
    ['a group', { cc: ['all: ada@example.com;'] }, {}, /^cc\.0/],
    ['letters that SMTP does not carry', { to: ['ada@example.com', 'jörg@example.com'] }, {}, /^to\.1/],
    [
      'more receivers than a mail may have',
      { bcc: Array.from({ length: 50 }, (_, n) => `a${n}@example.com`) },
      {},
      /at most 50/,
    ],
  ])('is not made for %s', async (_, change, from, reason) => {
    expect(await refusal(change, from)).toMatch(reason);
  });

  it('is not made, and no file read, when it would be larger than mail may be', async () => {
    const huge = { name: 'a.bin', contentType: 'application/pdf', content: () => Promise.reject(new Error('read')) };
    expect(await refusal({ files: [{ ...huge, size: 31_000_000 }] })).toMatch(/larger than the 40 MB/);
    const unknown = file('a.bin', 'application/pdf', new Uint8Array(31_000_000));
    expect(await refusal({ files: [{ ...unknown, size: undefined }] })).toMatch(/larger than the 40 MB/);
  });

  it.each([
    ['a mail', 'message/rfc822', 'application/octet-stream'],
    ['what calls itself a multipart', 'multipart/mixed; boundary=x', 'application/octet-stream'],
    ['a type with more behind it', 'text/html\r\nBcc: eve@example.com', 'application/octet-stream'],
    ['text of a script', 'text/csv; charset=iso-8859-1', 'text/csv'],
  ])('carries %s as the bytes that it is', async (_, contentType, mimeType) => {
    const bytes = Buffer.from('Subject: x\r\n\r\n\0\xff--\n.\n', 'latin1');
    const { mail, head } = await composed({ files: [file('a.eml', contentType, bytes)] });
    expect(mail.attachments).toMatchObject([{ filename: 'a.eml', mimeType, disposition: 'attachment' }]);
    expect(Buffer.from(mail.attachments[0]!.content as ArrayBuffer)).toEqual(bytes);
    expect(valuesOf(head, 'Bcc')).toEqual([]);
  });

  it('reads as it was written, whatever was written', async () => {
    const unicode = fc.string({ unit: 'binary', maxLength: 200 });
    const line = fc.oneof(
      unicode,
      fc.constantFrom('.', '--', `----_NmP-${ID}-Part_1`, 'From x', '=', 'a'.repeat(2000), '\r', '\t '),
    );
    const given = fc.record({
      subject: unicode,
      fromName: unicode,
      name: unicode,
      text: fc.array(line, { minLength: 1, maxLength: 6 }).map((all) => all.join('\n')),
      html: fc.option(
        fc.array(line, { maxLength: 4 }).map((all) => `<p>${all.join('\n')}</p>`),
        { nil: undefined },
      ),
      content: fc.uint8Array({ maxLength: 500 }),
      fileName: fc.string({ unit: 'grapheme', minLength: 1, maxLength: 80 }),
    });
    const shown = (text: string) =>
      text
        .toWellFormed()
        .replaceAll(/\r\n?/g, '\n')
        .replaceAll(/(?![\n\t])\p{Cc}/gu, '')
        .trimEnd();
    const oneLine = (text: string) =>
      text
        .toWellFormed()
        .replaceAll(/[\p{Cc}\p{Zl}\p{Zp}\s]+/gu, ' ')
        .trim();
    await fc.assert(
      fc.asyncProperty(given, async ({ subject, fromName, name, text, html, content, fileName }) => {
        const to = [`"${name.replaceAll(/["\\]/g, '')}" <ada@example.com>`];
        const files = [file(fileName, 'application/pdf', content)];
        const { mail, head } = await composed({ subject, text, html, to, files }, { fromName });
        expect(mail.from).toMatchObject({ name: oneLine(fromName), address: 'help@shop.example' });
        expect(mail.to).toHaveLength(1);
        expect(mail.subject?.endsWith('[CASE-000123-4F7K]')).toBe(true);
        expect(shown(mail.text ?? '')).toBe(shown(text));
        if (html) expect(shown(mail.html ?? '')).toBe(shown(html));
        expect(mail.attachments.map((one) => Buffer.from(one.content as ArrayBuffer))).toEqual([Buffer.from(content)]);
        expect(mail.attachments[0]!.filename).toBe(oneLine(fileName) || 'file');
        const names = headers(head).map((one) => one.slice(0, one.indexOf(':')));
        expect(names.toSorted()).toEqual([
          'Content-Type',
          'Date',
          'From',
          'MIME-Version',
          'Message-ID',
          'Subject',
          'To',
          'X-Docket-Loop',
        ]);
        expect(head.split('\r\n').every((one) => Buffer.byteLength(one) <= 998)).toBe(true);
      }),
      { numRuns: 50 },
    );
  });
});
