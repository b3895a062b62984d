import { z } from 'zod';
import { Slug } from '../cases/case.ts';
import { Skills } from './skill.ts';
import { UserId } from './user.ts';

/** People who own and work cases together. Who is in it is read when it is asked for, and kept nowhere else. */
export const Team = z
  .strictObject({
    name: z.string().trim().min(1).max(200),
    members: z
      .array(UserId)
      .max(1000)
      .overwrite((members) => [...new Set(members)])
      .describe('Users by id'),
    skills: Skills.optional().describe('Each member has them'),
    defaultQueueId: Slug.optional().describe('Where a case stands that is given to the team and stands in no queue'),
  })
  .meta({ id: 'Team' });
export type Team = z.infer<typeof Team>;
