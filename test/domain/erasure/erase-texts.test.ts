import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ERASED, withoutPersonal } from '../../../domain/erasure/erase-texts.ts';

const ada = {
  fields: ['body', 'from', 'resolution', 'title'],
  mentions: ['Ada Lovelace', 'ada@example.com', '+44 (0)1', 'Al'],
  isFreeText: (name: string) => name === 'notes',
};

describe('what is personal', () => {
  it('goes as a whole from the fields that hold it, however they hold it', () => {
    const thing = { title: 'x', body: ['y', { z: 'z' }], from: { id: '7', name: 'Ada', on: { a: 'b' } }, minutes: 5 };
    expect(withoutPersonal(thing, ada)).toEqual({
      title: ERASED,
      body: [ERASED, { z: ERASED }],
      from: { id: ERASED, name: ERASED, on: { a: ERASED } },
      minutes: 5,
    });
  });

  it('goes from changes of such fields, and from custom fields that are texts', () => {
    const changes = [
      { field: 'title', old: 'a', new: 'b' },
      { field: 'priority', old: 'low', new: 'high' },
      { field: 'customFields.notes', new: 'c' },
      { field: 'customFields.channel', old: 'post' },
    ];
    expect(withoutPersonal({ changes, customFields: { notes: 'd', channel: 'post' } }, ada)).toEqual({
      changes: [
        { field: 'title', old: ERASED, new: ERASED },
        { field: 'priority', old: 'low', new: 'high' },
        { field: 'customFields.notes', new: ERASED },
        { field: 'customFields.channel', old: 'post' },
      ],
      customFields: { notes: ERASED, channel: 'post' },
    });
  });

  it('goes from a resolution’s text and not from what else a resolution says', () => {
    const resolution = {
      resolution: 'Told Ada',
      resolutionType: 'problemSolved',
      resolvedAt: '2026-03-02T09:00:00.000Z',
    };
    expect(withoutPersonal({ resolution }, ada)).toEqual({ resolution: { ...resolution, resolution: ERASED } });
  });

  it('goes wherever it is mentioned, and from no id, no instant and no longer word', () => {
    const thing = {
      because: 'the customer is ADA LOVELACE (+44 (0)1), not Alan',
      customerId: 'ada@example.com',
      labels: ['vip', 'ada@example.com'],
      createdBy: 'Ada Lovelace',
      to: 'mail ada@example.commerce',
    };
    expect(withoutPersonal(thing, ada)).toEqual({
      ...thing,
      because: `the customer is ${ERASED} (${ERASED}), not Alan`,
      labels: ['vip', ERASED],
    });
  });

  it('leaves what has nothing of it as the very same thing', () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.constantFrom('a', 'b', 'minutes'), fc.jsonValue({ noUnicodeString: true })),
        (thing) => {
          const plain = JSON.parse(JSON.stringify(thing));
          const personal = { ...ada, fields: [], mentions: ['\u0000never'] };
          expect(withoutPersonal(plain, personal)).toBe(plain);
        },
      ),
    );
  });

  it('is gone when it is erased, and erasing it again changes nothing', () => {
    const mention = fc.stringMatching(/^[A-Za-z+.()@*?$ ]{3,12}$/).filter((text) => /^\S.*\S$/.test(text));
    fc.assert(
      fc.property(mention, fc.array(fc.constantFrom('a', '1', ' ', ',')), (name, around) => {
        const personal = { ...ada, mentions: [name] };
        const thing = { said: `${around.join('')} ${name}, he said` };
        const once = withoutPersonal(thing, personal);
        expect(String(once.said).replaceAll(ERASED, '').includes(`${name},`)).toBe(false);
        expect(withoutPersonal(once, personal)).toBe(once);
      }),
    );
  });
});
