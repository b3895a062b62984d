/** What stands where something personal stood. */
export const ERASED = '[erased]';

/** What an erasure takes away wherever it stands in a thing. */
export interface Personal {
  /** Fields whose texts go as a whole, whatever they say. */
  fields: readonly string[];
  /** What the customer is called and reached by: it goes wherever a text mentions it. */
  mentions: readonly string[];
  /** Custom fields that people write what they like in. */
  isFreeText: (customField: string) => boolean;
  /** What is written in its place. */
  instead?: string;
}

/** Ids, instants and who did it tell nothing that must go, and would lead nowhere if they changed. */
const KEPT = /(Id|Ids|By|On|At|Path|Key)$|^(PK|SK|GSI\d[PS]K|entity|type|kind|actor|cause|field|mergedFrom)$/;

/** A clock's stretches are from and to somewhere, as messages are from and to somebody. */
const INSTANT = /^\d{4}-\d\d-\d\dT[\d:.]+Z$/;

/** Shorter names would be found in every other text. */
const SHORTEST_MENTION = 3;

type Fields = Record<string, unknown>;

/** A thing without what is personal in it; the very same one where there is nothing. */
export const withoutPersonal = (thing: Fields, personal: Personal): Fields => inside(thing, personal, false);

const erased = (value: unknown, personal: Personal, isWhole: boolean, field: string): unknown => {
  if (typeof value === 'string') {
    if (isWhole) return INSTANT.test(value) ? value : (personal.instead ?? ERASED);
    return KEPT.test(field) ? value : withoutMentions(value, personal);
  }
  if (Array.isArray(value)) return sameArray(value, (one) => erased(one, personal, isWhole, field));
  if (!isFields(value)) return value;
  if (field === 'customFields') return sameFields(value, (one, name) => (personal.isFreeText(name) ? ERASED : one));
  // A resolution is a text in most things, and in some an object that has the text.
  return inside(value, personal, isWhole && field !== 'resolution');
};

const inside = (thing: Fields, personal: Personal, isWhole: boolean): Fields => {
  const isChange = isChangeOf(thing, personal);
  return sameFields(thing, (value, name) => {
    const goes = isWhole || personal.fields.includes(name) || (isChange && CHANGED.includes(name));
    return erased(value, personal, goes, name);
  });
};

const CHANGED: readonly string[] = ['old', 'new'];

/** A change of a personal field, as facts tell it. */
const isChangeOf = ({ field }: Fields, { fields, isFreeText }: Personal): boolean => {
  if (typeof field !== 'string') return false;
  const custom = /^customFields\.(.+)$/.exec(field)?.[1];
  return fields.includes(field) || (custom !== undefined && isFreeText(custom));
};

const withoutMentions = (text: string, { mentions }: Personal): string => {
  const told = mentions.filter((mention) => mention.length >= SHORTEST_MENTION);
  if (told.length === 0) return text;
  const any = told.map((mention) => escaped(mention)).join('|');
  return text.replaceAll(new RegExp(`(?<![\\p{L}\\p{N}])(${any})(?![\\p{L}\\p{N}])`, 'giu'), ERASED);
};

const escaped = (text: string): string => text.replaceAll(/[\\^$.*+?()[\]{}|/]/g, '\\$&');

/** Sets and bytes, as the table has them too, hold nothing that people write. */
const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;

/** What has not changed stays the same object, so that whoever asks need not look inside. */
const sameFields = (before: Fields, change: (value: unknown, name: string) => unknown): Fields => {
  const after = Object.entries(before).map(([name, value]): [string, unknown] => [name, change(value, name)]);
  return after.every(([name, value]) => value === before[name]) ? before : Object.fromEntries(after);
};

const sameArray = (before: unknown[], change: (value: unknown) => unknown): unknown[] => {
  const after = before.map(change);
  return after.every((value, n) => value === before[n]) ? before : after;
};
