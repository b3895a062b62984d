/** The number that people call a case by. */
export const caseNumberOf = (n: number): string => `CASE-${String(n).padStart(6, '0')}`;

const WRITTEN = /^\[?(?:case[-\s]?|#)?(\d{1,12})(?:-[\da-z]{4})?\]?$/i;

/** The case number that a text means, however it is written: `CASE-000123`, `case-123`, `#123`, `123`, a reference key. */
export const caseNumberIn = (text: string): string | undefined => {
  const digits = WRITTEN.exec(text.trim())?.[1];
  return digits === undefined ? undefined : caseNumberOf(Number(digits));
};
