import { z } from 'zod';
import { Activity } from '../../domain/activities/activity.ts';
import { withoutPersonal } from '../../domain/erasure/erase-texts.ts';
import { type Erasure, personalIn, type ToReview } from '../../domain/erasure/erasure.ts';
import { CaseEvent } from '../../domain/facts/fact.ts';
import { retryingLostRaces } from '../lost-races.ts';
import { unlessBusy } from '../reactions/faults.ts';
import type { Services } from '../services.ts';
import type { WriteCondition } from '../table/expression.ts';
import { ANSWER_ENTITY } from '../table/idempotency.ts';
import { answerKey, caseCollection, type Key, leadKey, opportunityKey } from '../table/keys.ts';
import type { StoredItem } from '../table/table.ts';
import { Transaction } from '../table/transaction.ts';

type EraseServices = Pick<Services, 'table' | 'backOff'>;

/** What is being erased, and which custom fields people write what they like in. */
export interface Erasing {
  erasure: Pick<Erasure, 'mentions'>;
  isFreeText: (customField: string) => boolean;
}

/** Each thing is one write, its answer and what it became up to two more; a transaction takes 100. */
const PAGE = 30;

/** The case itself is written with the fact that it is erased; search follows that fact. */
const NOT_HERE: readonly unknown[] = ['case', 'terms'];

/**
 * Takes what is personal out of everything in a case's partition but the case itself, page by page, and out of what was
 * answered about it. It may be ended anywhere and begun again: what is done needs no write. Answers what was made of the
 * case and belongs to the organisation. `from` keeps it to what a merge has brought from that case.
 */
export const eraseContents = async (
  services: EraseServices,
  caseId: string,
  erasing: Erasing,
  from?: string,
): Promise<ToReview[]> => {
  const toReview: ToReview[] = [];
  const range = { partition: caseCollection(caseId), limit: PAGE, consistent: true };
  for (let after: string | undefined, isMore = true; isMore; ) {
    const { items, next } = unlessBusy(
      await retryingLostRaces(services, async () => {
        const page = await services.table.page({ ...range, after });
        await erasePage(services, page.items, erasing, from);
        return page;
      }),
    );
    if (!from) toReview.push(...items.flatMap(madeOf));
    [after, isMore] = [next, next !== undefined];
  }
  return toReview;
};

const erasePage = async (
  { table }: EraseServices,
  items: readonly StoredItem[],
  erasing: Erasing,
  from: string | undefined,
): Promise<void> => {
  const transaction = new Transaction();
  const here = items.filter(({ entity }) => !NOT_HERE.includes(entity));
  const wanted = from ? here.filter((item) => isBroughtFrom(item, from)) : here;
  for (const item of wanted) eraseItem(transaction, item, String(item.entity), erasing);
  // What the other case keeps of its own may name them.
  for (const item of from ? here.filter(({ entity }) => SHARED.includes(entity)) : []) {
    eraseItem(transaction, item, 'shared', erasing);
  }
  const keys = [...(from ? [] : here.flatMap(madeKeys)), ...wanted.flatMap(answerKeys)];
  const others = new Map(keys.map((key) => [key.PK, key]));
  for (const item of await Promise.all([...others.values()].map((key) => table.get(key)))) {
    if (item) eraseItem(transaction, item, String(item.entity), erasing);
  }
  if (transaction.size > 0) await table.transact(transaction);
};

/** Adds to a transaction that an item loses what is personal in it, if there is anything. */
export const eraseItem = (
  transaction: Transaction,
  item: StoredItem,
  entity: string,
  { erasure, isFreeText }: Erasing,
): void => {
  const { PK, SK } = Stored.parse(item);
  const without = withoutPersonal(item, personalIn(entity, erasure, isFreeText));
  const set = Object.fromEntries(Object.entries(without).filter(([name, value]) => value !== item[name]));
  if (Object.keys(set).length === 0) return;
  const { revision } = item;
  if (typeof revision === 'number') {
    const conditions: WriteCondition[] = [{ attribute: 'revision', is: 'equal', value: revision }];
    transaction.update({ PK, SK }, { set, add: { revision: 1 }, conditions });
    return;
  }
  // Facts and answers never change, and what else has no revision changes as a whole.
  const isFixed = entity === 'event' || entity === ANSWER_ENTITY;
  const same = Object.keys(set).map((name): WriteCondition => ({ attribute: name, is: 'equal', value: item[name] }));
  transaction.update({ PK, SK }, { set, conditions: isFixed ? [{ attribute: 'PK', is: 'present' }] : same });
};

const Stored = z.object({ PK: z.string(), SK: z.string() });

const SHARED: readonly unknown[] = ['activities', 'merges'];

const isBroughtFrom = (item: StoredItem, from: string): boolean =>
  item.entity === 'activity' && Activity.parse(item).mergePath?.includes(from) === true;

/** Where an answer is kept that repeats what a fact is about. */
const answerKeys = ({ answered }: StoredItem): Key[] => (typeof answered === 'string' ? [answerKey(answered)] : []);

const conversionIn = (item: StoredItem): { to: string; targetId: string } | undefined => {
  if (item.entity !== 'event') return undefined;
  const { fact } = CaseEvent.parse(item);
  return fact.type === 'case.converted' ? fact : undefined;
};

const madeKeys = (item: StoredItem): Key[] => {
  const conversion = conversionIn(item);
  if (conversion?.to === 'lead') return [leadKey(conversion.targetId)];
  return conversion?.to === 'opportunity' ? [opportunityKey(conversion.targetId)] : [];
};

const madeOf = (item: StoredItem): ToReview[] => {
  const conversion = conversionIn(item);
  if (conversion?.to !== 'article' && conversion?.to !== 'template') return [];
  return [{ kind: conversion.to, id: conversion.targetId }];
};
