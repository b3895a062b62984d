import { describe, expect, it } from 'vitest';
import { startHandOver } from '../../domain/people/hand-over.ts';
import { MINUTE, toInstant, toMs } from '../../domain/time.ts';
import { advanceHandOver } from '../../functions/people/hand-over.ts';
import type { Services } from '../../functions/services.ts';
import { sweep } from '../../functions/sweeper/sweep.ts';
import { caseIdOf, caseKey } from '../../functions/table/keys.ts';
import { LostRace } from '../../functions/table/table.ts';
import { Transaction } from '../../functions/table/transaction.ts';
import { deskOn } from '../support/desk.ts';
import { withLocalTable } from '../support/local-table.ts';

const local = withLocalTable();

const pass = (minutes: number) => {
  local.clock.now = toInstant(toMs(local.clock.now) + minutes * MINUTE);
};
const sweeping = (services: Services) =>
  sweep(deskOn(services).all, (what, id, error) => {
    throw new Error(`${what} ${id}`, { cause: error });
  });
const handOverOf = async (userId: string) => (await local.services.users.find(userId))?.handOver;
const casesOf = async (caseIds: string[], ownerId: string) => {
  const files = await Promise.all(caseIds.map((caseId) => local.services.cases.load(caseId)));
  return files.filter((file) => file?.case.ownerId === ownerId).length;
};

/** Somebody with open cases who has just been deactivated; nothing has followed yet. */
const leaver = async (userId: string, cases: number) => {
  const desk = deskOn(local.services);
  await desk.user(userId);
  const opened = await Promise.all(Array.from({ length: cases }, () => desk.open({ ownerId: userId })));
  const { users } = local.services;
  const user = (await users.find(userId))!;
  const handOver = startHandOver(local.services.ids.random(), 'root', local.clock.now);
  const transaction = new Transaction();
  users.change(transaction, user, { ...user, active: false, version: user.version + 1, handOver });
  await local.table.transact(transaction);
  return { caseIds: opened.map((file) => file.case.caseId), handOverId: handOver.id };
};

describe('a hand-over', () => {
  it('goes on where it was cut off, and a page that is asked for twice is done once', async () => {
    const { caseIds, handOverId } = await leaver('jan', 30);
    const first = { userId: 'jan', handOverId, page: 0 };
    await Promise.all([1, 2, 3].map(() => advanceHandOver(local.services, first)));
    expect(await handOverOf('jan')).toMatchObject({ state: 'running', page: 1, returned: 25 });
    expect(await casesOf(caseIds, 'jan')).toBe(5);
    await advanceHandOver(local.services, first);
    expect(await handOverOf('jan')).toMatchObject({ page: 1, returned: 25 });

    pass(1);
    expect((await sweeping(local.services)).handOver).toBe(0);
    pass(1);
    expect((await sweeping(local.services)).handOver).toBe(1);
    expect(await handOverOf('jan')).toMatchObject({ state: 'completed', returned: 30 });
    expect(await casesOf(caseIds, 'jan')).toBe(0);
    pass(1);
    expect((await sweeping(local.services)).handOverRound).toBe(1);
    expect((await handOverOf('jan'))?.lookAt).toBeUndefined();
    pass(5);
    expect(await sweeping(local.services)).toMatchObject({ handOver: 0, handOverRound: 0 });
  });

  it('leaves a case that keeps changing to its next round, and returns the others', async () => {
    const { caseIds, handOverId } = await leaver('kai', 4);
    const stubborn = caseIds[1]!;
    const busy: Services = {
      ...local.services,
      cases: {
        ...local.services.cases,
        async commit(changes, options) {
          if (changes.some(({ after }) => after.case.caseId === stubborn)) throw new LostRace([caseKey(stubborn)]);
          await local.services.cases.commit(changes, options);
        },
      },
    };
    await advanceHandOver(busy, { userId: 'kai', handOverId, page: 0 });
    expect(await handOverOf('kai')).toMatchObject({ state: 'completed', returned: 3, failed: 1 });
    expect(await casesOf(caseIds, 'kai')).toBe(1);
    pass(1);
    await sweeping(local.services);
    expect(await handOverOf('kai')).toMatchObject({ state: 'completed', returned: 4, failed: 0 });
    expect(await casesOf(caseIds, 'kai')).toBe(0);
  });

  it('finds on its next round what the list of an owner’s cases was too slow to show', async () => {
    const { caseIds, handOverId } = await leaver('lou', 3);
    const late = caseIds[2]!;
    const slow: Services = {
      ...local.services,
      table: {
        ...local.services.table,
        async page(range) {
          const { items, ...rest } = await local.services.table.page(range);
          return { ...rest, items: items.filter(({ PK }) => caseIdOf(String(PK)) !== late) };
        },
      },
    };
    await advanceHandOver(slow, { userId: 'lou', handOverId, page: 0 });
    expect(await handOverOf('lou')).toMatchObject({ state: 'completed', returned: 2 });
    pass(1);
    await sweeping(local.services);
    expect(await handOverOf('lou')).toMatchObject({ state: 'completed', returned: 3 });
    expect(await casesOf(caseIds, 'lou')).toBe(0);
  });
});
