import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mailSubject } from '../../../domain/mail/outgoing-subject.ts';

const KEY = 'CASE-000123-4F7K';

describe('the subject of a mail', () => {
  it.each([
    ['Printer', false, `Printer [${KEY}]`],
    ['Printer', true, `Re: Printer [${KEY}]`],
    ['Re: RE: AW[2]: Printer', true, `Re: Printer [${KEY}]`],
    ['Re: Printer', false, `Printer [${KEY}]`],
    [`Re: Printer [${KEY}]`, true, `Re: Printer [${KEY}]`],
    [`Re: [${KEY}] Printer [${KEY}]`, true, `Re: [${KEY}] Printer`],
    [`About ${KEY}, again`, true, `Re: About [${KEY}], again`],
    ['Merged [CASE-000007-AAAA] once', true, `Re: Merged once [${KEY}]`],
    ['Fwd: Printer', true, `Re: Fwd: Printer [${KEY}]`],
    ['Regarding: [sic] Reform', true, `Re: Regarding: [sic] Reform [${KEY}]`],
    ['Fire\r\nBcc: everybody@example.com', false, `Fire Bcc: everybody@example.com [${KEY}]`],
    [undefined, false, `[${KEY}]`],
    ['  ', true, `Re: [${KEY}]`],
  ])('%j becomes what people expect (an answer: %s)', (subject, isAnswer, expected) => {
    expect(mailSubject(subject, KEY, isAnswer)).toBe(expected);
  });

  it('holds the key once and no second line, whatever is handed in, and stays as it is when it comes back', () => {
    const part = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom(KEY, `[${KEY}]`, 'Re: ', '\r\n', '[', ']', 'AW: ', '\u2028', '[CASE-000001-ABCD]'),
    );
    fc.assert(
      fc.property(fc.array(part, { maxLength: 8 }), fc.boolean(), (parts, isAnswer) => {
        const made = mailSubject(parts.join(''), KEY, isAnswer);
        expect(made.split(KEY)).toHaveLength(2);
        expect(made).toContain(`[${KEY}]`);
        expect(made).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}]/u);
        expect(made.isWellFormed()).toBe(true);
        expect(made.startsWith('Re: ')).toBe(isAnswer || made.startsWith('Re: '));
        expect(mailSubject(made, KEY, isAnswer)).toBe(made);
      }),
    );
  });
});
