import type { Headers } from './automatic.ts';

/** Stands in all that we send; its value is the activity’s id. */
export const LOOP_HEADER = 'X-Docket-Loop';

/** Whether a mail is one that we have sent ourselves. Another service of the same kind sends from other addresses. */
export const isOwnMail = (headers: Headers, from: string, isOurs: (address: string) => boolean): boolean =>
  headers(LOOP_HEADER.toLowerCase()).length > 0 && isOurs(from);
