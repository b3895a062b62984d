import type { CaseFile, Rules } from '../../domain/cases/case-file.ts';
import type { Customer } from '../../domain/customers/customer.ts';
import { eraseCase } from '../../domain/erasure/erase-case.ts';
import { type Erasure, withNewRound, withPage } from '../../domain/erasure/erasure.ts';
import type { ErasurePosition } from '../../domain/erasure/erasure-position.ts';
import type { CaseEvent, Fact } from '../../domain/facts/fact.ts';
import { survivorOf } from '../../domain/merge/survivor-of.ts';
import { withClocksFollowing } from '../../domain/sla/followed-change.ts';
import type { Instant } from '../../domain/time.ts';
import { rulesOfCase } from '../cases/rules-of-case.ts';
import { AboutPosition, firstAbout, nextCaseAbout } from '../customers/cases-about.ts';
import type { FileStore } from '../files/file-store.ts';
import { standsAt } from '../pages/stands-at.ts';
import { NotYetVisible, TooBusy } from '../reactions/faults.ts';
import type { Services } from '../services.ts';
import { entitlementCollection, MOVEMENT_PREFIX } from '../table/keys.ts';
import { LostRace } from '../table/table.ts';
import { Transaction } from '../table/transaction.ts';
import { eraseContents } from './erase-contents.ts';
import { eraseItem } from './erase-item.ts';

export type ErasureServices = Pick<
  Services,
  'table' | 'cases' | 'customers' | 'entitlements' | 'erasures' | 'settings' | 'fieldUses' | 'ids' | 'now' | 'backOff'
> & { files: Pick<FileStore, 'remove'> };

/** Places without anything to erase that are passed over before the erasure notes how far it is. */
const LOOKED_AT = 100;

/** A page that loses its race is planned anew. */
const ATTEMPTS = 8;

/**
 * Erases the next case of a customer: what is kept of it page by page, and the case itself in one transaction with how
 * far the erasure is. Its fact sets the next one going. A page is committed only where the erasure still stands at
 * `position`, so a fact that comes twice changes nothing, and a crash anywhere loses nothing.
 */
export const advanceErasure = async (services: ErasureServices, position: ErasurePosition): Promise<void> => {
  let at = position;
  for (let attempt = 0; attempt < ATTEMPTS; ) {
    const erasure = await standingAt(services, at);
    const customer = erasure && (await services.customers.find(at.customerId));
    if (!erasure || !customer) return;
    if (!erasure.cursor) await eraseMovements(services, erasure);
    const { file, cursor } = await nextToErase(services, customer, erasure);
    try {
      if (file) return await erasePage(services, erasure, file, cursor);
      await writePage(services, erasure, withPage(erasure, { cases: 0, toReview: [], cursor }, services.now()));
      // Without a case there is no fact that would set the next page going.
      at = { ...at, page: at.page + 1 };
      attempt = 0;
    } catch (error) {
      if (!(error instanceof LostRace)) throw error;
      attempt += 1;
      await services.backOff(50);
    }
  }
  throw new TooBusy(`the erasure of ${at.customerId}`);
};

/** A case's fact says where the erasure goes on. */
export const continueErasure = (
  services: ErasureServices,
  _event: CaseEvent,
  { erasure }: Extract<Fact, { type: 'case.erased' }>,
): Promise<void> => advanceErasure(services, erasure);

/** Sets an erasure going that stands still, or begins another round of one whose last round is over. */
export const resumeErasure = async (services: ErasureServices, customerId: string): Promise<void> => {
  const erasure = await services.erasures.find(customerId);
  if (!erasure?.lookAt || erasure.lookAt > services.now()) return;
  if (erasure.state === 'running') {
    return advanceErasure(services, { customerId, erasureId: erasure.id, page: erasure.page });
  }
  const again = withNewRound(erasure, services.now());
  await writePage(services, erasure, again);
  await advanceErasure(services, { customerId, erasureId: again.id, page: again.page });
};

/** The erasure, if it is running and stands where `position` says; behind that, the event came before its transaction. */
const standingAt = async (
  { erasures }: ErasureServices,
  { customerId, erasureId, page }: ErasurePosition,
): Promise<Erasure | undefined> => {
  const erasure = await erasures.find(customerId);
  const what = `erasure ${erasureId}`;
  if (erasure?.id !== erasureId) throw new NotYetVisible(what);
  return standsAt(erasure, page, what) ? erasure : undefined;
};

const writePage = async (services: ErasureServices, before: Erasure, after: Erasure): Promise<void> => {
  const transaction = new Transaction();
  addPage(services, transaction, before, after, services.now());
  await services.table.transact(transaction);
};

const addPage = (
  { erasures }: ErasureServices,
  transaction: Transaction,
  before: Erasure,
  after: Erasure,
  now: Instant,
): void => {
  erasures.advance(transaction, before, after);
  if (after.state !== 'done') return;
  const { startedOn, cases, toReview } = after;
  const told = { state: 'done' as const, startedOn, doneOn: now, cases, ...(toReview.length > 0 && { toReview }) };
  erasures.finish(transaction, after, told);
};

/** The next case that has not been erased since this erasure began, and the place behind it. */
const nextToErase = async (
  services: ErasureServices,
  customer: Customer,
  { cursor, startedOn }: Erasure,
): Promise<{ file?: CaseFile; cursor?: string }> => {
  let place: AboutPosition | undefined = cursor ? AboutPosition.parse(JSON.parse(cursor)) : firstAbout;
  for (let n = 0; place && n < LOOKED_AT; n += 1) {
    const found: Awaited<ReturnType<typeof nextCaseAbout>> = await nextCaseAbout(services, customer, place);
    const file = found.caseId ? await services.cases.load(found.caseId) : undefined;
    place = found.next;
    const isDone = file?.case.erasedOn !== undefined && file.case.erasedOn >= startedOn;
    if (file && !isDone) return { file, ...(place && { cursor: JSON.stringify(place) }) };
  }
  return place ? { cursor: JSON.stringify(place) } : {};
};

const erasePage = async (
  services: ErasureServices,
  erasure: Erasure,
  file: CaseFile,
  cursor: string | undefined,
): Promise<void> => {
  const { cases, settings, now: clock } = services;
  const head = await settings.head();
  const rules = await rulesOfCase(services, head, file);
  const subscriptionIds = (await settings.webhookSubscriptions.all(head)).map(({ id }) => id);
  const isFreeText = (name: string): boolean => freeText(rules, name);
  const erasing = { erasure, isFreeText, subscriptionIds };
  const toReview = await eraseContents(services, file.case.caseId, erasing);
  const survivor = await survivorOf(file, cases.load);
  if (survivor && survivor.case.customerId !== file.case.customerId) {
    await eraseContents(services, survivor.case.caseId, erasing, file.case.caseId);
  }
  // The contents were changed under the file.
  const present = await cases.load(file.case.caseId);
  if (!present) return;
  const now = clock();
  const after = withPage(erasure, { cases: 1, toReview, cursor }, now);
  const next = { customerId: erasure.customerId, erasureId: erasure.id, page: after.page };
  const erased = eraseCase(present, erasure, isFreeText, { now, next });
  await cases.commit([withClocksFollowing(erased, rules, now)], {
    now,
    actor: erasure.by,
    cause: `erasure:${erasure.id}`,
    correlationId: erasure.id,
    also: (transaction) => addPage(services, transaction, erasure, after, now),
  });
};

/** A field that is not defined any more may have been one. */
const freeText = ({ customFields }: Rules, name: string): boolean => {
  const definition = customFields.find(({ id }) => id === name);
  return !definition || definition.document.type === 'text';
};

/** Notes on the balances of what the customer is entitled to. */
const eraseMovements = async (services: ErasureServices, erasure: Erasure): Promise<void> => {
  for (let after: string | undefined, isMore = true; isMore; ) {
    const { items, next } = await services.entitlements.of(erasure.customerId, { limit: 25, after });
    for (const { entitlementId } of items) await eraseMovementsOf(services, entitlementId, erasure);
    [after, isMore] = [next, next !== undefined];
  }
};

const eraseMovementsOf = async ({ table }: ErasureServices, entitlementId: string, erasure: Erasure): Promise<void> => {
  const range = { partition: entitlementCollection(entitlementId), beginsWith: MOVEMENT_PREFIX, limit: 100 };
  for (let after: string | undefined, isMore = true; isMore; ) {
    const { items, next } = await table.page({ ...range, after, consistent: true });
    const transaction = new Transaction();
    for (const item of items) eraseItem(transaction, item, 'movement', { erasure, isFreeText: () => true });
    if (transaction.size > 0) await table.transact(transaction);
    [after, isMore] = [next, next !== undefined];
  }
};
