import { z } from 'zod';
import { Slug } from '../cases/case.ts';

/** What a clock may set off; a further kind is a line here and a way to carry it out. */
export const Action = z
  .discriminatedUnion('type', [
    z.strictObject({
      type: z.literal('notify'),
      to: z.union([z.enum(['owner', 'team', 'queue', 'supervisors']), z.email()], {
        error: 'owner, team, queue, supervisors or an email address',
      }),
    }),
    z.strictObject({ type: z.literal('routeToQueue'), queueId: Slug }),
  ])
  .meta({ id: 'Action' });
export type Action = z.infer<typeof Action>;
