import { Activity } from '../../domain/activities/activity.ts';
import type { ToReview } from '../../domain/erasure/erasure.ts';
import { CaseEvent } from '../../domain/facts/fact.ts';
import { deliveryIdOf } from '../../domain/webhooks/delivery.ts';
import type { FileStore } from '../files/file-store.ts';
import { retryingLostRaces } from '../lost-races.ts';
import { unlessBusy } from '../reactions/faults.ts';
import type { Services } from '../services.ts';
import { INTAKE_ENTITY } from '../table/intake-store.ts';
import {
  attachmentKey,
  caseCollection,
  deliveryKey,
  type Key,
  leadKey,
  opportunityKey,
  rawMessageKey,
} from '../table/keys.ts';
import type { StoredItem } from '../table/table.ts';
import { Transaction } from '../table/transaction.ts';
import { type Erasing, echoesOf, eraseItem } from './erase-item.ts';

type EraseServices = Pick<Services, 'table' | 'backOff'> & { files: Pick<FileStore, 'remove'> };

/** Each thing is a write; a transaction takes 100. */
const PAGE = 90;

/** The case itself is written with the fact that it is erased; search follows that fact. */
const NOT_HERE: readonly unknown[] = ['case', 'terms'];

/**
 * Takes what is personal out of everything in a case's partition but the case itself, page by page, and out of what
 * repeats it elsewhere. It may be ended anywhere and begun again: what is done needs no write. Answers what was made of the
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
  services: EraseServices,
  items: readonly StoredItem[],
  erasing: Erasing,
  from: string | undefined,
): Promise<void> => {
  const { table, files } = services;
  const here = items.filter(({ entity }) => !NOT_HERE.includes(entity));
  const wanted = from ? here.filter((item) => isBroughtFrom(item, from)) : here;
  // Before anything, because no activity names them afterwards.
  await Promise.all(wanted.flatMap(filesOf).map((attachmentId) => files.remove(attachmentId)));
  // First, because the facts that lead there look as if they were done once they are.
  await eraseElsewhere(
    services,
    wanted.flatMap((item) => [...echoesOf(item), ...madeKeys(item), ...deliveriesOf(item, erasing)]),
    erasing,
  );
  const transaction = new Transaction();
  for (const item of wanted) eraseItem(transaction, item, String(item.entity), erasing);
  // What the other case keeps of its own may name them.
  for (const item of from ? here.filter(({ entity }) => SHARED.includes(entity)) : []) {
    eraseItem(transaction, item, 'shared', erasing);
  }
  if (transaction.size > 0) await table.transact(transaction);
};

/** Of a message that came in, what became of it loses its texts, and the message itself goes. */
const eraseElsewhere = async (
  { table, files }: EraseServices,
  keys: readonly Key[],
  erasing: Erasing,
): Promise<void> => {
  const left = [...new Map(keys.map((key) => [`${key.PK} ${key.SK}`, key])).values()];
  while (left.length > 0) {
    const transaction = new Transaction();
    for (const item of await Promise.all(left.splice(0, PAGE / 2).map((key) => table.get(key)))) {
      if (!item) continue;
      eraseItem(transaction, item, String(item.entity), erasing);
      if (item.entity !== INTAKE_ENTITY) continue;
      const key = rawMessageKey(String(item.intakeId));
      // Before the item, because nothing else names it.
      const { bodyAt } = (await table.get(key)) ?? {};
      if (typeof bodyAt === 'string') await files.remove(bodyAt);
      transaction.forget(key);
    }
    if (transaction.size > 0) await table.transact(transaction);
  }
};

const SHARED: readonly unknown[] = ['activities', 'merges'];

const isBroughtFrom = (item: StoredItem, from: string): boolean =>
  item.entity === 'activity' && Activity.parse(item).mergePath?.includes(from) === true;

/** What webhooks have sent, or are to send, of a fact; each subscription keeps it in its log. */
const deliveriesOf = (item: StoredItem, { subscriptionIds }: Erasing): Key[] => {
  if (item.entity !== 'event') return [];
  const { eventId, at } = CaseEvent.parse(item);
  return subscriptionIds.map((id) => deliveryKey(id, deliveryIdOf({ eventId, at })));
};

const conversionIn = (item: StoredItem): { to: string; targetId: string } | undefined => {
  if (item.entity !== 'event') return undefined;
  const { fact } = CaseEvent.parse(item);
  return fact.type === 'case.converted' ? fact : undefined;
};

const madeKeys = (item: StoredItem): Key[] => {
  const files = filesOf(item);
  if (files.length > 0) return files.map(attachmentKey);
  const conversion = conversionIn(item);
  if (conversion?.to === 'lead') return [leadKey(conversion.targetId)];
  return conversion?.to === 'opportunity' ? [opportunityKey(conversion.targetId)] : [];
};

const filesOf = (item: StoredItem): string[] =>
  item.entity === 'activity' ? (Activity.parse(item).attachments ?? []).map(({ attachmentId }) => attachmentId) : [];

const madeOf = (item: StoredItem): ToReview[] => {
  const conversion = conversionIn(item);
  if (conversion?.to !== 'article' && conversion?.to !== 'template') return [];
  return [{ kind: conversion.to, id: conversion.targetId }];
};
