import { z } from 'zod';
import type { CaseFile, Rules, Versioned } from '../../domain/cases/case-file.ts';
import {
  type StatusModel,
  type StatusReason,
  statusModelOf,
  type Transitions,
} from '../../domain/cases/status-reasons.ts';
import type { Channel } from '../../domain/channels/channel.ts';
import type { MessageTemplate } from '../../domain/channels/message-template.ts';
import type { CustomField } from '../../domain/custom-fields/custom-field.ts';
import type { Integration } from '../../domain/people/integration.ts';
import type { Team } from '../../domain/people/team.ts';
import type { ProcessFlow } from '../../domain/process/process-flow.ts';
import type { Queue } from '../../domain/queues/queue.ts';
import type { RoutingRuleSet } from '../../domain/routing/rule-set.ts';
import { type CaseSettings, DEFAULT_CASE_SETTINGS } from '../../domain/settings/case-settings.ts';
import {
  type SettingKind,
  type SettingsHead,
  settingKinds,
  THE_CASE_SETTINGS,
  THE_TRANSITIONS,
} from '../../domain/settings/kinds.ts';
import type { Product } from '../../domain/settings/product.ts';
import type { Subject } from '../../domain/settings/subject.ts';
import { type Calendar, type CalendarDocument, withHolidays } from '../../domain/sla/calendar.ts';
import { MissingCalendar } from '../../domain/sla/clocks.ts';
import type { HolidayList } from '../../domain/sla/holiday-list.ts';
import type { Sla } from '../../domain/sla/sla.ts';
import type { CaseTemplate } from '../../domain/templates/case-template.ts';
import type { Instant } from '../../domain/time.ts';
import type { WebhookSubscription } from '../../domain/webhooks/subscription.ts';
import { settingCollection, settingKey, settingsHeadKey, settingVersionKey, settingVersions } from './keys.ts';
import type { StoredItem, Table } from './table.ts';
import type { Transaction } from './transaction.ts';

/** The settings of one kind. */
export interface Settings<Document> {
  kind: SettingKind<Document>;
  /** As of now; or, without another read of the head, as of a moment ago. */
  find(id: string, at?: SettingsHead): Promise<Versioned<Document> | undefined>;
  all(at?: SettingsHead): Promise<Versioned<Document>[]>;
  /** A version that was current once. */
  version(id: string, version: number): Promise<Versioned<Document> | undefined>;
  /** What a change of `id` rests on. */
  latest(id: string): Promise<Latest>;
  /** Adds to a transaction that `id` becomes `document`, and answers the version that it gets. */
  put(transaction: Transaction, id: string, document: Document, latest: Latest, by: Authored): number;
  /** Adds to a transaction that `id` is no longer there; its versions stay for those who were born with them. */
  remove(transaction: Transaction, id: string): void;
}

/** The last version that a setting has had, and whether it is stored now: removing one does not start its count anew. */
export interface Latest {
  version: number;
  isStored: boolean;
}

interface Authored {
  by: string;
  now: Instant;
}

/** All settings. What is read is as new as the last answer to a change, because the head is read each time. */
export interface SettingsStore {
  caseSettings: Settings<CaseSettings>;
  statusReasons: Settings<StatusReason>;
  transitions: Settings<Transitions>;
  subjects: Settings<Subject>;
  products: Settings<Product>;
  customFields: Settings<CustomField>;
  processFlows: Settings<ProcessFlow>;
  caseTemplates: Settings<CaseTemplate>;
  ruleSets: Settings<RoutingRuleSet>;
  slas: Settings<Sla>;
  calendars: Settings<CalendarDocument>;
  holidayLists: Settings<HolidayList>;
  queues: Settings<Queue>;
  teams: Settings<Team>;
  integrations: Settings<Integration>;
  channels: Settings<Channel>;
  messageTemplates: Settings<MessageTemplate>;
  webhookSubscriptions: Settings<WebhookSubscription>;
  /** What a request reads once, so that everything it does sees the same settings. */
  head(): Promise<SettingsHead>;
  /** The reasons and the graph between them, as every decision about a status sees them. */
  statusModel(at: SettingsHead): Promise<StatusModel>;
  /** Adds to a transaction that none of these kinds has changed since `at`: for checks across kinds. */
  unchanged(transaction: Transaction, at: SettingsHead, kinds: readonly { kind: { name: string } }[]): void;
  activeRuleSet(at: SettingsHead): Promise<Versioned<RoutingRuleSet> | undefined>;
  activate(transaction: Transaction, ruleSetId: string): void;
  /** A version of a calendar as clocks count by it, with the holidays of its lists: the same object for ever. */
  workingCalendar(setting: Versioned<CalendarDocument>): Promise<Versioned<Calendar>>;
  /** The SLA of cases for which nothing else says one. */
  defaultSla(at: SettingsHead): Promise<Versioned<Sla> | undefined>;
  /** The rules for a case: `slaId` (chosen by hand), or its own SLA version, or for a new case the default SLA. */
  rulesFor(at: SettingsHead, file: CaseFile | undefined, slaId?: string): Promise<Rules>;
}

/** The head's attributes: a count for each kind that has changed, and the active rule set. */
const StoredHead = z.looseObject({ activeRuleSetId: z.string().optional() }).transform(
  ({ activeRuleSetId, ...rest }): SettingsHead => ({
    generations: new Map(Object.entries(rest).flatMap(([kind, n]) => (typeof n === 'number' ? [[kind, n]] : []))),
    ...(activeRuleSetId && { activeRuleSetId }),
  }),
);

const Stored = z.object({ id: z.string(), version: z.int(), document: z.unknown() });

/** The settings on a table, with a cache that lives as long as the process. */
export const settingsStore = (table: Table): SettingsStore => {
  const head = async (): Promise<SettingsHead> => StoredHead.parse((await table.get(settingsHeadKey)) ?? {});
  const store = {
    caseSettings: settingsOf(table, settingKinds.caseSettings, head),
    statusReasons: settingsOf(table, settingKinds.statusReasons, head),
    transitions: settingsOf(table, settingKinds.transitions, head),
    subjects: settingsOf(table, settingKinds.subjects, head),
    products: settingsOf(table, settingKinds.products, head),
    customFields: settingsOf(table, settingKinds.customFields, head),
    processFlows: settingsOf(table, settingKinds.processFlows, head),
    caseTemplates: settingsOf(table, settingKinds.caseTemplates, head),
    ruleSets: settingsOf(table, settingKinds.ruleSets, head),
    slas: settingsOf(table, settingKinds.slas, head),
    calendars: settingsOf(table, settingKinds.calendars, head),
    holidayLists: settingsOf(table, settingKinds.holidayLists, head),
    queues: settingsOf(table, settingKinds.queues, head),
    teams: settingsOf(table, settingKinds.teams, head),
    integrations: settingsOf(table, settingKinds.integrations, head),
    channels: settingsOf(table, settingKinds.channels, head),
    messageTemplates: settingsOf(table, settingKinds.messageTemplates, head),
    webhookSubscriptions: settingsOf(table, settingKinds.webhookSubscriptions, head),
  };

  /** What is computed of a calendar is kept beside the object, so each version has one. */
  const working = new WeakMap<Versioned<CalendarDocument>, Versioned<Calendar>>();
  const workingCalendar = async (setting: Versioned<CalendarDocument>): Promise<Versioned<Calendar>> => {
    const pins = setting.document.holidayListVersions ?? [];
    if (pins.length === 0) return setting;
    const known = working.get(setting);
    if (known) return known;
    const lists = await Promise.all(
      pins.map(async ({ id, version }) => {
        const list = await store.holidayLists.version(id, version);
        if (!list) throw new MissingCalendar(`holiday list ${id} ${version} of ${setting.id}`);
        return list.document;
      }),
    );
    const calendar = working.get(setting) ?? { ...setting, document: withHolidays(setting.document, lists) };
    working.set(setting, calendar);
    return calendar;
  };

  const defaultSla = async (at: SettingsHead): Promise<Versioned<Sla> | undefined> =>
    (await store.slas.all(at)).find(({ document }) => document.isDefault);

  const slaFor = async (
    at: SettingsHead,
    file: CaseFile | undefined,
    slaId?: string,
  ): Promise<Versioned<Sla> | undefined> => {
    if (slaId) return store.slas.find(slaId, at);
    if (!file) return defaultSla(at);
    const { slaId: own, slaVersion } = file.case;
    return own && slaVersion ? store.slas.version(own, slaVersion) : undefined;
  };

  const statusModel = async (at: SettingsHead): Promise<StatusModel> => {
    const [reasons, drawn] = await Promise.all([
      store.statusReasons.all(at),
      store.transitions.find(THE_TRANSITIONS, at),
    ]);
    return statusModelOf(Object.fromEntries(reasons.map(({ id, document }) => [id, document])), drawn?.document);
  };

  return {
    ...store,
    head,
    statusModel,
    workingCalendar,
    unchanged: (transaction, at, kinds) => {
      for (const { name } of kinds.map(({ kind }) => kind)) {
        const value = at.generations.get(name) ?? 0;
        transaction.check(settingsHeadKey, { attribute: name, is: value === 0 ? 'equalOrAbsent' : 'equal', value });
      }
    },
    defaultSla,
    activeRuleSet: async (at) => (at.activeRuleSetId ? store.ruleSets.find(at.activeRuleSetId, at) : undefined),
    activate: (transaction, ruleSetId) => transaction.update(settingsHeadKey, { set: { activeRuleSetId: ruleSetId } }),
    async rulesFor(at, file, slaId) {
      const born = (file?.kpis ?? []).flatMap(({ calendarId, calendarVersion }) =>
        calendarId && calendarVersion ? [store.calendars.version(calendarId, calendarVersion)] : [],
      );
      const { flowId, flowVersion } = file?.case.process ?? {};
      const [caseSettings, model, customFields, flows, flow, sla, current, ...older] = await Promise.all([
        store.caseSettings.find(THE_CASE_SETTINGS, at),
        statusModel(at),
        store.customFields.all(at),
        store.processFlows.all(at),
        flowId && flowVersion ? store.processFlows.version(flowId, flowVersion) : undefined,
        slaFor(at, file, slaId),
        store.calendars.all(at),
        ...born,
      ]);
      const settings = [...current, ...older.flatMap((calendar) => calendar ?? [])];
      const calendars = await Promise.all(settings.map(workingCalendar));
      return {
        caseSettings: caseSettings?.document ?? DEFAULT_CASE_SETTINGS,
        statusModel: model,
        customFields,
        flows,
        ...(flow && { flow }),
        ...(sla && { sla }),
        calendar: (id, version) =>
          calendars.find((calendar) => calendar.id === id && (version === undefined || calendar.version === version)),
      };
    },
  };
};

const settingsOf = <Document>(
  table: Table,
  kind: SettingKind<Document>,
  head: () => Promise<SettingsHead>,
): Settings<Document> => {
  const { name, schema, defaults } = kind;
  /** One object a version for ever, so that what is computed from a document can be kept beside it. */
  const documents = new Map<string, Versioned<Document>>();
  /** What the present generation has been asked for; another generation asks again. */
  let generation = -1;
  const found = new Map<string, Versioned<Document> | undefined>();
  let everything: Versioned<Document>[] | undefined;

  const parse = (item: StoredItem): Versioned<Document> => {
    const { id, version, document } = Stored.parse(item);
    const text = `${id} ${version}`;
    const known = documents.get(text) ?? { id, version, document: schema.parse(document) };
    documents.set(text, known);
    return known;
  };
  const byDefault = (id: string): Versioned<Document> | undefined => {
    const document = defaults[id];
    return document === undefined ? undefined : { id, version: 0, document };
  };
  const renew = (at: SettingsHead): void => {
    const present = at.generations.get(name) ?? 0;
    if (present === generation) return;
    generation = present;
    found.clear();
    everything = undefined;
  };

  const findAt = async (at: SettingsHead, id: string): Promise<Versioned<Document> | undefined> => {
    renew(at);
    if (found.has(id)) return found.get(id);
    const readIn = generation;
    const item = await table.get(settingKey(name, id));
    const setting = item ? parse(item) : byDefault(id);
    if (readIn === generation) found.set(id, setting);
    return setting;
  };
  const allAt = async (at: SettingsHead): Promise<Versioned<Document>[]> => {
    renew(at);
    if (everything) return everything;
    const readIn = generation;
    const stored = (await table.all({ partition: settingCollection(name), consistent: true })).map(parse);
    const ids = new Set(stored.map(({ id }) => id));
    const untouched = Object.keys(defaults).filter((id) => !ids.has(id));
    const settings = [...stored, ...untouched.flatMap((id) => byDefault(id) ?? [])];
    if (readIn === generation) everything = settings;
    return settings;
  };
  const nextGeneration = (transaction: Transaction): void => {
    transaction.update(settingsHeadKey, { add: { [name]: 1 } });
  };

  return {
    kind,
    find: async (id, at) => findAt(at ?? (await head()), id),
    all: async (at) => allAt(at ?? (await head())),
    async version(id, version) {
      const known = documents.get(`${id} ${version}`);
      if (known) return known;
      const item = await table.get(settingVersionKey(name, id, version));
      return item && parse(item);
    },
    async latest(id) {
      const [stored, versions] = await Promise.all([
        table.get(settingKey(name, id)),
        table.page({ partition: settingVersions(name, id), limit: 1, descending: true, consistent: true }),
      ]);
      const [last] = versions.items;
      return { version: last ? Stored.parse(last).version : 0, isStored: stored !== undefined };
    },
    put(transaction, id, document, latest, { by, now }) {
      const version = latest.version + 1;
      const item = { entity: 'setting', id, version, document, changedBy: by, changedOn: now };
      transaction.create({ ...settingVersionKey(name, id, version), ...item });
      if (latest.isStored) transaction.update(settingKey(name, id), { set: item });
      else transaction.create({ ...settingKey(name, id), ...item });
      nextGeneration(transaction);
      return version;
    },
    remove(transaction, id) {
      transaction.remove(settingKey(name, id));
      nextGeneration(transaction);
    },
  };
};
