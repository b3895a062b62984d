import { z } from 'zod';

/** Where an erasure stood when it was told to go on. */
export const ErasurePosition = z.object({ customerId: z.string(), erasureId: z.uuid(), page: z.int() });
export type ErasurePosition = z.infer<typeof ErasurePosition>;
