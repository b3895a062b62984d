import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import type { Versioned } from '../../domain/cases/case-file.ts';
import { accept, type Decision, invalid, type Refusal, refuse } from '../../domain/refusal.ts';
import type { SettingsHead } from '../../domain/settings/kinds.ts';
import { addBusinessTime, BeyondHorizon } from '../../domain/sla/business-time.ts';
import {
  type Calendar,
  type CalendarDocument,
  type CalendarSetting,
  Holiday,
  MAX_HOLIDAYS,
  neverOpens,
} from '../../domain/sla/calendar.ts';
import { HolidayList } from '../../domain/sla/holiday-list.ts';
import { type Instant, MINUTE, toMs } from '../../domain/time.ts';
import { TimeZone } from '../../domain/time-zone.ts';
import type { Outcome, Request } from '../api/api.ts';
import { deleteSetting, putDocument, type SettingServices, settingView } from './documents.ts';
import { importHolidays } from './import-holidays.ts';

type IdRequest<Body = unknown> = Request<{ id: string }, unknown, Body>;

/** Creates or replaces a calendar. It is tied to the present versions of its holiday lists. */
export const putCalendar = (services: SettingServices, request: IdRequest<CalendarSetting>): Promise<Outcome> =>
  putDocument(services, services.settings.calendars, request, async (id, transaction) => {
    const { settings, now } = services;
    const { holidayLists } = settings;
    if (neverOpens(request.body)) return refuse('CALENDAR_NEVER_OPEN', 'No weekday has opening hours');
    const head = await settings.head();
    const versions: { id: string; version: number }[] = [];
    for (const [n, listId] of (request.body.holidayLists ?? []).entries()) {
      const list = await holidayLists.find(listId, head);
      if (!list) return invalid(`holidayLists.${n}`, `there is no holiday list ${listId}`);
      if (versions.some((one) => one.id === listId)) return invalid(`holidayLists.${n}`, `${listId} is named twice`);
      versions.push({ id: listId, version: list.version });
    }
    // A list that is saved in this moment would not know of this calendar.
    settings.unchanged(transaction, head, [holidayLists]);
    const document = { ...request.body, ...(versions.length > 0 && { holidayListVersions: versions }) };
    const working = await settings.workingCalendar({ id, version: 0, document });
    return whyNotWorkable(id, working.document, await promisesIn(settings, head), now()) ?? accept(document);
  });

/** Business time that is promised on a calendar. */
interface Promised {
  calendarId?: string;
  minutes: number;
}

/** What SLAs and stages of process flows promise. */
const promisesIn = async (
  { slas, processFlows }: SettingServices['settings'],
  head: SettingsHead,
): Promise<Promised[]> => [
  ...(await slas.all(head)).flatMap(({ document: { items } }) =>
    items.map(({ calendarId, targetMinutes: minutes }) => ({ calendarId, minutes })),
  ),
  ...(await processFlows.all(head)).flatMap(({ document: { calendarId, stages } }) =>
    stages.map(({ maxMinutes: minutes = 0 }) => ({ calendarId, minutes })),
  ),
];

/** A calendar that holidays close for ever is refused, and one on which what is promised could not be kept. */
const whyNotWorkable = (
  id: string,
  calendar: Calendar,
  promises: readonly Promised[],
  now: Instant,
): Refusal<'CALENDAR_NEVER_OPEN'> | undefined => {
  const own = promises.filter(({ calendarId }) => calendarId === id);
  const minutes = Math.max(1, ...own.map((promised) => promised.minutes));
  try {
    addBusinessTime(calendar, toMs(now), minutes * MINUTE);
    return undefined;
  } catch (fault) {
    if (!(fault instanceof BeyondHorizon)) throw fault;
    return refuse('CALENDAR_NEVER_OPEN', `With its holidays the calendar ${id} has ${fault.message}`);
  }
};

/** Removes a calendar that no SLA and no process flow names. */
export const deleteCalendar = (services: SettingServices, request: IdRequest): Promise<Outcome> =>
  deleteSetting(services, services.settings.calendars, request, async (id) => {
    const { slas, processFlows } = services.settings;
    const users = [
      ...(await slas.all()).filter(({ document }) => document.items.some((item) => item.calendarId === id)),
      ...(await processFlows.all()).filter(({ document }) => document.calendarId === id),
    ];
    return users.length > 0 ? `The calendar is used by ${users.map((user) => user.id).join(', ')}` : undefined;
  });

/** What a list is made of: the holidays themselves, or an iCalendar file (RFC 5545) that has them as events. */
export const PutHolidayList = z
  .strictObject({
    name: z.string().min(1).max(100).optional(),
    holidays: z.array(Holiday).max(MAX_HOLIDAYS).optional(),
    ics: z.string().optional().describe('The text of an iCalendar file, instead of `holidays`'),
    timeZone: TimeZone.optional().describe('In which events of the file that are in UTC are read as local time'),
    fromDate: z.iso.date().optional().describe('Repeating events from here; default: the first day of last year'),
    toDate: z.iso
      .date()
      .optional()
      .describe('… to here, at most 30 years; default: the last day of the tenth year from now'),
  })
  .refine(({ holidays, ics }) => (holidays === undefined) !== (ics === undefined), {
    error: 'send either holidays or ics',
  })
  .meta({ id: 'PutHolidayList' });
export type PutHolidayList = z.infer<typeof PutHolidayList>;

export const HolidayListView = settingView(HolidayList).extend({
  calendars: z
    .array(z.object({ id: z.string(), version: z.int() }))
    .optional()
    .describe('The calendars that use the list, in the versions that have it from now on'),
  ignored: z.array(z.string()).optional().describe('Events of the file that are not in the list, and why'),
});

/** A new version of a list is one of each of its calendars, in one transaction that holds 100 writes, two for each. */
const MAX_CALENDARS = 40;

/**
 * Creates or replaces a holiday list, and with it makes a new version of each calendar that uses it. Versions that there
 * were keep the holidays that they had.
 */
export const putHolidayList = async (
  services: SettingServices,
  request: IdRequest<PutHolidayList>,
): Promise<Outcome> => {
  const { settings, now } = services;
  const content = listOf(request.body, now());
  if (!content.accepted) return content;
  const { list, ignored } = content.value;
  const by = { by: request.caller.userId, now: now() };
  let renewed: { id: string; version: number }[] = [];
  const outcome = await putDocument(services, settings.holidayLists, request, async (id, transaction, version) => {
    renewed = [];
    const head = await settings.head();
    const present = await settings.holidayLists.find(id, head);
    // The same list again is no new version, and its calendars stay as they are.
    if (present && isDeepStrictEqual(present.document, HolidayList.parse(list))) return accept(list);
    const [calendars, promises] = await Promise.all([settings.calendars.all(head), promisesIn(settings, head)]);
    const users = calendars.filter(({ document }) => document.holidayLists?.includes(id));
    if (users.length > MAX_CALENDARS) return invalid('', `${users.length} calendars use it, ${MAX_CALENDARS} may`);
    settings.unchanged(transaction, head, [settings.calendars]);
    for (const calendar of users) {
      const refusal = await whyNotWith(services, calendar, id, list, promises);
      if (refusal) return refusal;
      const document = pinnedTo(calendar.document, { id, version });
      const latest = { version: calendar.version, isStored: true };
      renewed.push({
        id: calendar.id,
        version: settings.calendars.put(transaction, calendar.id, document, latest, by),
      });
    }
    return accept(list);
  });
  return outcome.accepted
    ? {
        ...outcome,
        body: { ...HolidayListView.parse(outcome.body), calendars: renewed, ...(ignored.length > 0 && { ignored }) },
      }
    : outcome;
};

const pinnedTo = (calendar: CalendarDocument, pin: { id: string; version: number }): CalendarDocument => ({
  ...calendar,
  holidayListVersions: calendar.holidayListVersions?.map((one) => (one.id === pin.id ? pin : one)),
});

/** The list's new version is not stored yet, so the calendar is looked at with its holidays as if they were its own. */
const whyNotWith = async (
  { settings, now }: SettingServices,
  calendar: Versioned<CalendarDocument>,
  listId: string,
  list: HolidayList,
  promises: readonly Promised[],
): Promise<Refusal<'CALENDAR_NEVER_OPEN'> | undefined> => {
  const others = calendar.document.holidayListVersions?.filter(({ id }) => id !== listId);
  const { document } = await settings.workingCalendar({
    ...calendar,
    document: { ...calendar.document, holidayListVersions: others },
  });
  const holidays = [...document.holidays, ...list.holidays];
  return whyNotWorkable(calendar.id, { ...document, holidays }, promises, now());
};

/** Removes a holiday list that no calendar names. */
export const deleteHolidayList = (services: SettingServices, request: IdRequest): Promise<Outcome> =>
  deleteSetting(services, services.settings.holidayLists, request, async (id, transaction) => {
    const { settings } = services;
    const head = await settings.head();
    settings.unchanged(transaction, head, [settings.calendars]);
    const users = (await settings.calendars.all(head)).filter(({ document }) => document.holidayLists?.includes(id));
    return users.length > 0 ? `The list is used by ${users.map((calendar) => calendar.id).join(', ')}` : undefined;
  });

const MAX_YEARS = 30;

const listOf = (
  { name, holidays = [], ics, timeZone, ...asked }: PutHolidayList,
  now: Instant,
): Decision<{ list: HolidayList; ignored: string[] }, 'VALIDATION_FAILED'> => {
  const named = (given: string | undefined) => (given ? { name: given } : {});
  if (ics === undefined) return accept({ list: { ...named(name), holidays }, ignored: [] });
  const year = Number(now.slice(0, 4));
  const { fromDate = `${year - 1}-01-01`, toDate = `${year + 10}-12-31` } = asked;
  if (toDate < fromDate) return invalid('toDate', 'must not be before fromDate');
  if (Number(toDate.slice(0, 4)) - Number(fromDate.slice(0, 4)) > MAX_YEARS) {
    return invalid('toDate', `may be ${MAX_YEARS} years after fromDate`);
  }
  const read = importHolidays(ics, { fromDate, toDate, timeZone });
  if (!read.accepted) return read;
  const { events, ignored, name: ofFile } = read.value;
  if (read.value.holidays.length > MAX_HOLIDAYS) {
    return invalid(
      'ics',
      `holds ${read.value.holidays.length} holidays up to ${toDate}, ${MAX_HOLIDAYS} may be in a list`,
    );
  }
  const imported = { events, fromDate, toDate };
  return accept({ list: { ...named(name ?? ofFile), holidays: read.value.holidays, imported }, ignored });
};
