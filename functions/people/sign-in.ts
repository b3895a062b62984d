import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { newcomer, UserId } from '../../domain/people/user.ts';
import { refuse } from '../../domain/refusal.ts';
import { MINUTE, toMs } from '../../domain/time.ts';
import { personOf } from '../api/caller.ts';
import { problem } from '../api/problem.ts';
import type { Services } from '../services.ts';
import { LostRace } from '../table/table.ts';
import { Transaction } from '../table/transaction.ts';

/** A user who is deactivated is turned away within this time by every process, however many they spoke to before. */
const REMEMBERED_MS = MINUTE;

type Hook = (request: { event: APIGatewayProxyEventV2 }) => Promise<APIGatewayProxyStructuredResultV2 | undefined>;

/**
 * What every API does before it answers a person: somebody who comes for the first time becomes a user, and somebody who
 * has been deactivated is turned away. A process looks once a minute and person, and writes once a person's lifetime.
 * An API that may not write (`records: false`) leaves it to the others to make people known.
 */
export const signIn = (
  { table, users, now }: Pick<Services, 'table' | 'users' | 'now'>,
  { records = true }: { records?: boolean } = {},
): { before: Hook } => {
  const seen = new Map<string, number>();

  const isActive = async (person: { userId: string; name?: string; email?: string }): Promise<boolean> => {
    const user = await users.find(person.userId);
    if (user) return user.active;
    if (!records) return true;
    const transaction = new Transaction();
    users.create(transaction, newcomer(person, now()));
    try {
      await table.transact(transaction);
    } catch (error) {
      // Their first two requests came at once.
      if (!(error instanceof LostRace)) throw error;
    }
    return true;
  };

  return {
    before: async ({ event }) => {
      const person = personOf(event);
      // An id that no set-up could name is let through: it owns nothing.
      if (!person || UserId.safeParse(person.userId).data !== person.userId) return undefined;
      const at = toMs(now());
      if (at - (seen.get(person.userId) ?? Number.NEGATIVE_INFINITY) < REMEMBERED_MS) return undefined;
      if (!(await isActive(person))) return problem(refuse('FORBIDDEN', `The user ${person.userId} is deactivated`));
      seen.set(person.userId, at);
      return undefined;
    },
  };
};
