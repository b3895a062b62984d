import { User } from '../../domain/people/user.ts';
import type { SettingsHead } from '../../domain/settings/kinds.ts';
import { allUsers, settingsHeadKey, userIdOf, userIndexes, userKey, usersOfQueue } from './keys.ts';
import type { Page, Table } from './table.ts';
import type { Item, Transaction } from './transaction.ts';

/** Users by id. */
export interface UserStore {
  find(userId: string): Promise<User | undefined>;
  /** The user as of a head that has been read: what nobody has changed since is not read again. */
  known(userId: string, at: SettingsHead): Promise<User | undefined>;
  /** A page of all users, by id; it may lag behind a write by a second. */
  page(paging: { limit: number; after?: string }): Promise<Page<User>>;
  /** Whether a queue is somebody's default queue. */
  nameQueue(queueId: string): Promise<boolean>;
  /** Adds to a transaction that the user is new. */
  create(transaction: Transaction, user: User): void;
  /** Adds to a transaction what an administrator has changed; from its answer on nobody goes by the old one. */
  change(transaction: Transaction, before: User | undefined, after: User): void;
  /** Adds to a transaction how far the user's hand-over is, where it still stands where it was read. */
  advance(transaction: Transaction, before: User, after: User): void;
  remove(transaction: Transaction, user: User): void;
}

/** The head's counter of changes of users: it lies beside those of the settings, so that one read tells all. */
const GENERATION = 'users';

/** Sorts behind every id, which may be any text. */
const LAST_ID = '\u{10FFFF}';

/** The store on a table, with a cache that lives as long as the process. */
export const userStore = (table: Table): UserStore => {
  let generation = -1;
  const found = new Map<string, User>();

  const find = async (userId: string): Promise<User | undefined> => {
    const item = await table.get(userKey(userId));
    return item && User.parse(item);
  };
  const nextGeneration = (transaction: Transaction): void =>
    transaction.update(settingsHeadKey, { add: { [GENERATION]: 1 } });

  return {
    find,
    async known(userId, at) {
      const present = at.generations.get(GENERATION) ?? 0;
      if (present !== generation) {
        generation = present;
        found.clear();
      }
      const cached = found.get(userId);
      if (cached) return cached;
      const user = await find(userId);
      // Who is not known yet may come at any moment, and that is no change of a user.
      if (user && present === generation) found.set(userId, user);
      return user;
    },
    async page(paging) {
      const { items, next } = await table.page({ index: 1, partition: allUsers, upTo: LAST_ID, ...paging });
      const users = await Promise.all(items.map(({ PK }) => find(userIdOf(String(PK)))));
      return { items: users.flatMap((user) => user ?? []), ...(next && { next }) };
    },
    async nameQueue(queueId) {
      const { items } = await table.page({ index: 2, partition: usersOfQueue(queueId), limit: 1 });
      return items.length > 0;
    },
    create: (transaction, user) => transaction.create(userItem(user)),
    change(transaction, before, after) {
      if (!before) transaction.create(userItem(after));
      else {
        transaction.replace(userItem(before), userItem(after), [
          { attribute: 'version', is: 'equal', value: before.version },
          // A page of a hand-over that commits meanwhile would be undone, or would undo.
          ...(before.handOver === after.handOver ? [] : [standsWhere(before)]),
        ]);
      }
      nextGeneration(transaction);
    },
    advance: (transaction, before, after) =>
      transaction.replace(userItem(before), userItem(after), [standsWhere(before)]),
    remove(transaction, { userId }) {
      transaction.remove(userKey(userId));
      nextGeneration(transaction);
    },
  };
};

const userItem = (user: User): Item => ({ ...userKey(user.userId), entity: 'user', ...user, ...userIndexes(user) });

const standsWhere = ({ handOver }: User) =>
  handOver
    ? ({ attribute: 'handOver.page', is: 'equal', value: handOver.page } as const)
    : ({ attribute: 'handOver', is: 'absent' } as const);
