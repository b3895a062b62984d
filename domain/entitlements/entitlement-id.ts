import { z } from 'zod';

/** In a file of its own: cases name entitlements, and entitlements name what is a case's. */
export const EntitlementId = z
  .string()
  .regex(/^[A-Za-z0-9-]{1,64}$/, 'letters, digits and dashes')
  .meta({ id: 'EntitlementId' });
