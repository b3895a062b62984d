import type { Row } from './rows.ts';

/** An id as set-up takes it. */
const ids = (text: string): string =>
  text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '');

export const customerOf = ({ caller }: Row): string => (caller ? ids(caller) : 'caller-unknown');
export const queueOf = (group: string): string => ids(group);
export const userOf = (name: string): string => ids(name);
export const problemOf = (problem: string): string => ids(problem);
export const categoryOf = ({ category }: Row): string | undefined => category && ids(category);
/** Two levels: subcategories are named within their category, because some stand below several. */
export const subjectOf = (row: Row): string | undefined =>
  row.category && ids(row.subcategory ? `${row.category} ${row.subcategory}` : row.category);

export const priorities = {
  '1 - Critical': 'urgent',
  '2 - High': 'high',
  '3 - Moderate': 'normal',
  '4 - Low': 'low',
} as const;
export const severities = { '1 - High': 'high', '2 - Medium': 'medium', '3 - Low': 'low' } as const;

/** The codes have lost their names, so which of them stand for advice is our choice; any other one solved something. */
export const ADVICE = ['code 7', 'code 8', 'code 11'];

const origins: Record<string, string> = { Phone: 'phone', Email: 'email', 'Self service': 'web', Chat: 'chat' };
export const originOf = ({ contactType = 'Self service' }: Row): string =>
  origins[contactType] ?? contactType.toLowerCase().replace(/[^a-z]+(.)/g, (_, letter: string) => letter.toUpperCase());
