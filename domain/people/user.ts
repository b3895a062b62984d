import { z } from 'zod';
import { Slug } from '../cases/case.ts';
import { Instant } from '../time.ts';
import { TimeZone } from '../time-zone.ts';
import { HandOver } from './hand-over.ts';
import { Skills } from './skill.ts';

/** A person by their token's `sub`; `user:<id>` means the same. */
export const UserId = z
  .string()
  .min(1)
  .max(128)
  .regex(/^(user:)?(?!user:|team:)[^\s#]+$/, 'the id of a user, without white space and #')
  .overwrite((id) => id.replace(/^user:/, ''))
  .meta({ id: 'UserId' });

/** What an administrator says of a user. */
export const UserFields = z
  .strictObject({
    name: z.string().trim().min(1).max(200),
    email: z.email().max(320).optional(),
    active: z.boolean().default(true).describe('An inactive user owns nothing, is given nothing and may do nothing'),
    skills: Skills.optional(),
    languages: z.array(z.string().toLowerCase().min(2).max(35)).max(20).optional().describe('BCP 47; count as skills'),
    defaultQueueId: Slug.optional().describe('Where a case stands that is given to the user and stands in no queue'),
    timeZone: TimeZone.optional(),
  })
  .meta({ id: 'UserFields' });
export type UserFields = z.infer<typeof UserFields>;

/** Somebody who works on cases: set up by an administrator, or known since they first came with a token. */
export const User = z.object({
  ...UserFields.shape,
  userId: UserId,
  createdOn: Instant,
  modifiedOn: Instant,
  modifiedBy: z.string(),
  version: z.int(),
  /** The last time that their cases went back to the queues. */
  handOver: HandOver.optional(),
});
export type User = z.infer<typeof User>;

/** Who comes with a token for the first time: all that is known is what the token says. */
export const newcomer = (
  { userId, name, email }: { userId: string; name?: string; email?: string },
  now: Instant,
): User => {
  const said = UserFields.pick({ name: true, email: true }).safeParse({ name: name ?? userId, email });
  return {
    ...(said.success ? said.data : { name: userId }),
    active: true,
    userId,
    createdOn: now,
    modifiedOn: now,
    modifiedBy: userId,
    version: 1,
  };
};
