/** As cases are given them; people and programs change the case of letters, and lose the brackets. */
const KEY = /(?<![A-Z0-9-])CASE-\d{1,12}-[A-Z0-9]{4}(?![A-Z0-9])/g;

/** The reference keys that a subject names, in their order. */
export const referenceKeysIn = (subject = ''): string[] => [...new Set(subject.toUpperCase().match(KEY) ?? [])];
