import { setTimeout as sleep } from 'node:timers/promises';
import { type Instant, toInstant } from '../domain/time.ts';
import { type Meter, silentMeter } from './meter.ts';
import { type ArticleStore, articleStore } from './table/article-store.ts';
import { type AttachmentStore, attachmentStore } from './table/attachment-store.ts';
import { type BroadcastStore, broadcastStore } from './table/broadcast-store.ts';
import { caseNumbers } from './table/case-numbers.ts';
import { type CaseStore, caseStore } from './table/case-store.ts';
import { type CustomerStore, customerStore } from './table/customer-store.ts';
import { type DeliveryStore, deliveryStore } from './table/delivery-store.ts';
import { type EntitlementStore, entitlementStore } from './table/entitlement-store.ts';
import { type ErasureStore, erasureStore } from './table/erasure-store.ts';
import { type FieldUses, fieldUses } from './table/field-uses.ts';
import { type FollowingStore, followingStore } from './table/following-store.ts';
import { type Ids, systemIds } from './table/ids.ts';
import { type IntakeStore, intakeStore } from './table/intake-store.ts';
import { type ProspectStore, prospectStore } from './table/prospect-store.ts';
import { type ReasonStore, reasonStore } from './table/reason-store.ts';
import { type RoutedCases, routedCases } from './table/routed-cases.ts';
import { type SearchLog, searchLog } from './table/search-log.ts';
import { type SecretStore, secretStore } from './table/secret-store.ts';
import { type SettingsStore, settingsStore } from './table/settings-store.ts';
import { documentClient, dynamoTable, type Table } from './table/table.ts';
import { type TemplateStore, templateStore } from './table/template-store.ts';
import { type UserStore, userStore } from './table/user-store.ts';

/** What use cases are made of; each names the part that it needs. */
export interface Services {
  table: Table;
  cases: CaseStore;
  customers: CustomerStore;
  entitlements: EntitlementStore;
  erasures: ErasureStore;
  followings: FollowingStore;
  settings: SettingsStore;
  users: UserStore;
  reasons: ReasonStore;
  fieldUses: FieldUses;
  articles: ArticleStore;
  searchLog: SearchLog;
  templates: TemplateStore;
  broadcasts: BroadcastStore;
  prospects: ProspectStore;
  routedCases: RoutedCases;
  secrets: SecretStore;
  deliveries: DeliveryStore;
  intake: IntakeStore;
  attachments: AttachmentStore;
  ids: Ids;
  nextCaseNumber: () => Promise<number>;
  now: () => Instant;
  /** Waits a random part of `ms` before a lost race is run again. */
  backOff: (ms: number) => Promise<void>;
  meter: Meter;
}

/** The services on a table, with the system's clock and randomness: called once a process, by a handler's wiring. */
export const services = (tableName: string, meter = silentMeter): Services => {
  const ids = systemIds();
  const table = dynamoTable(documentClient(), tableName, { sleep, random: Math.random, newToken: ids.random });
  const backOff = (ms: number) => sleep(Math.random() * ms);
  return servicesOn(table, { ids, now: () => toInstant(Date.now()), backOff, meter });
};

/** The services on a given table. */
export const servicesOn = (
  table: Table,
  given: Pick<Services, 'ids' | 'now' | 'backOff'> & Partial<Pick<Services, 'meter'>>,
): Services => ({
  meter: silentMeter,
  ...given,
  table,
  cases: caseStore(table, given.ids),
  customers: customerStore(table),
  entitlements: entitlementStore(table, given.ids),
  erasures: erasureStore(table),
  followings: followingStore(table),
  settings: settingsStore(table),
  users: userStore(table),
  reasons: reasonStore(table),
  fieldUses: fieldUses(table),
  articles: articleStore(table),
  searchLog: searchLog(table, given.ids),
  templates: templateStore(table),
  broadcasts: broadcastStore(table),
  prospects: prospectStore(table),
  routedCases: routedCases(table),
  secrets: secretStore(table),
  deliveries: deliveryStore(table),
  intake: intakeStore(table),
  attachments: attachmentStore(table),
  nextCaseNumber: caseNumbers(table),
});
