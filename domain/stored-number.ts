import { z } from 'zod';

/** A number that somebody sends and the table keeps as it is: exact in JavaScript, and not too small for DynamoDB (10⁻¹³⁰). */
export const StoredNumber = z
  .number()
  .min(Number.MIN_SAFE_INTEGER)
  .max(Number.MAX_SAFE_INTEGER)
  .refine((number) => number === 0 || Math.abs(number) >= 1e-100, 'is too small');
