import { z } from 'zod';

/** What a failure's id stands for: an object of the failure bucket, or a parked reaction. */
const Named = z.discriminatedUnion('what', [
  z.object({ what: z.literal('givenUp'), key: z.string().startsWith('aws/lambda/') }),
  z.object({ what: z.literal('parked'), caseId: z.uuid(), eventId: z.uuid(), reaction: z.string() }),
]);
export type Named = z.infer<typeof Named>;

export const failureIdOf = (named: Named): string => Buffer.from(JSON.stringify(named)).toString('base64url');

/** What an id names; nothing where it is none of ours. */
export const namedBy = (failureId: string): Named | undefined => {
  try {
    return Named.safeParse(JSON.parse(Buffer.from(failureId, 'base64url').toString('utf8'))).data;
  } catch {
    return undefined;
  }
};
