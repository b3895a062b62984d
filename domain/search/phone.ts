const PHONE = /^\+?[\d\s()./-]+$/;

/** Fewer digits than these are a part of a number at most. */
const MIN_DIGITS = 3;

/** Country codes have one to three digits; whoever dials from inside the country leaves them out. */
const LONGEST_COUNTRY_CODE = 3;
const SHORTEST_NUMBER = 6;

/** The digits of what looks like a phone number or its beginning, without the zeros that only say how to dial it. */
export const phoneDigits = (text: string): string | undefined => {
  if (!PHONE.test(text)) return undefined;
  const digits = text.replace(/\(0\)/g, '').replace(/\D/g, '').replace(/^0+/, '');
  return digits.length >= MIN_DIGITS ? digits : undefined;
};

/** Every way to begin to dial a number: with its country code, of whatever length, or without it. */
export const waysToDial = (phone: string): string[] => {
  const digits = phoneDigits(phone);
  if (!digits) return [];
  const ways = Array.from({ length: LONGEST_COUNTRY_CODE + 1 }, (_, n) => digits.slice(n).replace(/^0+/, ''));
  return [...new Set(ways.filter((way) => way === digits || way.length >= SHORTEST_NUMBER))];
};
