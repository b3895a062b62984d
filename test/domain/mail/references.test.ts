import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { answeredMails, isMessageId } from '../../../domain/mail/references.ts';

const id = fc.integer({ min: 0, max: 99 }).map((n) => `<m${n}@example.com>`);
const key = fc.oneof(id, fc.constantFrom('a chat', '<no id>', '<a@b\r\nBcc: x@y>', 'm1@example.com'));

describe('what a mail says it answers', () => {
  it('is nothing when it answers nothing', () => {
    expect(answeredMails([])).toBeUndefined();
    expect(answeredMails(['order-17'])).toBeUndefined();
  });

  it('is the last mail of the customer, though we have written since', () => {
    const conversation = ['<a@x>', '<b@x>', '<ours@x>'];
    expect(answeredMails(conversation, '<b@x>')).toEqual({ inReplyTo: '<b@x>', references: ['<a@x>', '<b@x>'] });
    expect(answeredMails(conversation, '<new@x>')?.references).toEqual([...conversation, '<new@x>']);
    expect(answeredMails(conversation)?.inReplyTo).toBe('<ours@x>');
  });

  it('keeps the first and the last of a long conversation, each once, and nothing that is no id', () => {
    fc.assert(
      fc.property(fc.array(key, { maxLength: 60 }), fc.option(id, { nil: undefined }), (conversation, last) => {
        const answers = answeredMails(conversation, last);
        const ids = conversation.filter(isMessageId);
        if (!answers) return void expect(ids).toEqual([]);
        const { inReplyTo, references } = answers;
        expect(references.at(-1)).toBe(inReplyTo);
        expect(references[0]).toBe(ids[0] ?? inReplyTo);
        expect(references.length).toBeLessThanOrEqual(20);
        expect(new Set(references).size).toBe(references.length);
        expect(references.every((one) => /^<\S+@\S+>$/.test(one))).toBe(true);
      }),
    );
  });
});
