import ICAL from 'ical.js';
import { Temporal } from 'temporal-polyfill';
import { z } from 'zod';
import { accept, type Decision, invalid } from '../../domain/refusal.ts';
import type { Holiday } from '../../domain/sla/calendar.ts';
import { TimeZone } from '../../domain/time-zone.ts';

/** What an iCalendar file holds for a list of holidays. */
export interface ImportedFile {
  name?: string;
  holidays: Holiday[];
  /** How many of its events are among them. */
  events: number;
  /** Events that are not, each with its line and why. */
  ignored: string[];
}

/** Repeating events are written out between these dates; events in UTC become local time of the zone. */
export interface ImportOptions {
  fromDate: string;
  toDate: string;
  timeZone?: string;
}

/** What is wrong with a file, and in which line. */
class BadLine extends Error {
  override name = 'BadLine';
  constructor(line: number, what: string) {
    super(`line ${line}: ${what}`);
  }
}

/**
 * Reads the holidays of an iCalendar file (RFC 5545): each event is one, also those that repeat, with their exceptions.
 * A whole day, or several, is closed as such; a timed event closes its local hours on each of its days, as its file
 * writes them, whatever the zone: holidays are local. What is wrong is refused with its line.
 */
export const importHolidays = (text: string, options: ImportOptions): Decision<ImportedFile, 'VALIDATION_FAILED'> => {
  try {
    return accept(read(text, options));
  } catch (fault) {
    if (fault instanceof BadLine) return invalid('ics', fault.message);
    throw fault;
  }
};

interface ContentLine {
  n: number;
  text: string;
}

/** Long lines are folded: what begins with a blank goes on with the line before. */
const unfolded = (text: string): ContentLine[] => {
  const lines: ContentLine[] = [];
  for (const [index, line] of text
    .replace(/^\uFEFF/, '')
    .split(/\r\n|\n|\r/)
    .entries()) {
    const last = lines.at(-1);
    if (/^[ \t]/.test(line) && last) last.text += line.slice(1);
    else if (line.trim() !== '') lines.push({ n: index + 1, text: line });
  }
  return lines;
};

/** An event with the line on which it begins. */
interface FileEvent {
  n: number;
  event: ICAL.Event;
}

const read = (text: string, options: ImportOptions): ImportedFile => {
  const { events, name, zone } = eventsIn(unfolded(text));
  const timeZone = options.timeZone ?? zone;
  const file: ImportedFile = { ...(name && { name: name.slice(0, 100) }), holidays: [], events: 0, ignored: [] };
  const exceptions = events.filter(({ event }) => event.isRecurrenceException());
  const budget = { steps: MAX_STEPS };
  for (const one of events) {
    const { n, event } = one;
    if (event.isRecurrenceException()) continue;
    const title = event.summary ? ` (${event.summary})` : '';
    if (statusOf(event) === 'CANCELLED') {
      file.ignored.push(`line ${n}${title}: it is cancelled`);
      continue;
    }
    for (const exception of exceptions) if (exception.event.uid === event.uid) event.relateException(exception.event);
    const occurrences = occurrencesOf(one, options, budget);
    const holidays = occurrences.flatMap((occurrence) => holidaysOf(n, occurrence, timeZone));
    if (holidays.length === 0) file.ignored.push(`line ${n}${title}: ${whyNone(one, occurrences.length, options)}`);
    else file.events += 1;
    file.holidays.push(...holidays);
  }
  file.holidays.sort((a, b) => (startOf(a) < startOf(b) ? -1 : 1));
  return file;
};

const whyNone = ({ event }: FileEvent, occurrences: number, { fromDate, toDate }: ImportOptions): string =>
  event.isRecurring() && occurrences === 0 ? `it never happens from ${fromDate} to ${toDate}` : 'it lasts no time';

const startOf = (holiday: Holiday): string => ('date' in holiday ? holiday.date : holiday.fromDate);

const statusOf = (event: ICAL.Event): string => String(event.component.getFirstPropertyValue('status') ?? '');

type Property = ReturnType<typeof ICAL.parse.property>;

const eventsIn = (lines: readonly ContentLine[]): { events: FileEvent[]; name?: string; zone?: string } => {
  const open: { name: string; n: number }[] = [];
  const events: FileEvent[] = [];
  let [properties, name, zone]: [Property[], string | undefined, string | undefined] = [[], undefined, undefined];
  for (const line of lines) {
    const { n, text } = line;
    const [, mark, component = ''] = /^(BEGIN|END):(.*)$/i.exec(text.trim().toUpperCase()) ?? [];
    if (open.length === 0 && !(mark === 'BEGIN' && component === 'VCALENDAR')) throw new BadLine(n, NO_CALENDAR);
    if (mark === 'BEGIN') {
      open.push({ name: component, n });
      if (component === 'VEVENT') properties = [];
    } else if (mark === 'END') {
      const begun = open.pop();
      if (begun?.name !== component) throw new BadLine(n, `END:${component} ends nothing that began`);
      if (component === 'VEVENT') events.push(eventOf(begun.n, properties));
    } else {
      const property = propertyOf(line);
      const [key, , , value] = property;
      if (open.at(-1)?.name === 'VEVENT') properties.push(property);
      else if (open.length === 1 && key === 'x-wr-calname') name = String(value);
      else if (open.length === 1 && key === 'x-wr-timezone') zone = TimeZone.safeParse(value).data;
    }
  }
  const [left] = open;
  if (left) throw new BadLine(left.n, `BEGIN:${left.name} has no end`);
  if (lines.length === 0) throw new BadLine(1, NO_CALENDAR);
  return { events, ...(name && { name }), ...(zone && { zone }) };
};

const NO_CALENDAR = 'a file begins with BEGIN:VCALENDAR';

/** Properties that hold dates: the library takes any text for one. */
const DATED = ['dtstart', 'dtend', 'exdate', 'rdate', 'recurrence-id'];
const DateValue = z.union([z.iso.date(), z.iso.datetime({ local: true })]);

const propertyOf = ({ n, text }: ContentLine): Property => {
  let property: Property;
  try {
    property = ICAL.parse.property(text);
  } catch (error) {
    throw new BadLine(n, error instanceof Error ? error.message : String(error));
  }
  const [key, , type, ...values] = property;
  if (!DATED.includes(key)) return property;
  if (type === 'period') throw new BadLine(n, 'periods are not understood: give the days as RDATE;VALUE=DATE');
  const bad = values.find((value: unknown) => !DateValue.safeParse(value).success);
  if (bad !== undefined) throw new BadLine(n, `${key.toUpperCase()} is no date: ${bad}`);
  return property;
};

const eventOf = (n: number, properties: Property[]): FileEvent => {
  const component = new ICAL.Component(['vevent', properties, []]);
  if (!component.hasProperty('dtstart')) throw new BadLine(n, 'the event has no DTSTART');
  const event = new ICAL.Event(component, { exceptions: [] });
  const { startDate, endDate } = event;
  if (startDate.isDate !== endDate.isDate) throw new BadLine(n, 'DTSTART and DTEND are a day and a time');
  if (endDate.compare(startDate) < 0) throw new BadLine(n, 'the event ends before it begins');
  checkRule(n, component.getFirstPropertyValue('rrule'));
  return { n, event };
};

const RULES = ['YEARLY', 'MONTHLY', 'WEEKLY', 'DAILY'];

/** Rules that are no holidays and would take very long to write out, or for ever. */
const checkRule = (n: number, rule: unknown): void => {
  if (!(rule instanceof ICAL.Recur)) return;
  if (!RULES.includes(rule.freq)) throw new BadLine(n, `holidays do not repeat ${rule.freq}`);
  const parts = Object.keys(rule.parts);
  if (rule.freq === 'DAILY' && parts.some((part) => part !== 'BYDAY')) {
    throw new BadLine(n, 'a DAILY rule may only have BYDAY');
  }
};

/** What the repeating events of a file may be followed through, in all. */
const MAX_STEPS = 20_000;

interface Occurrence {
  start: ICAL.Time;
  end: ICAL.Time;
  name?: string;
}

const occurrencesOf = (
  { n, event }: FileEvent,
  { fromDate, toDate }: ImportOptions,
  budget: { steps: number },
): Occurrence[] => {
  const named = ({ summary }: ICAL.Event) => (summary ? { name: summary.slice(0, 100) } : {});
  if (!event.isRecurring()) return [{ start: event.startDate, end: event.endDate, ...named(event) }];
  const occurrences: Occurrence[] = [];
  try {
    const iterator = event.iterator();
    for (let at = iterator.next(); at && dateOf(at) <= toDate; at = iterator.next()) {
      budget.steps -= 1;
      if (budget.steps < 0)
        throw new BadLine(n, `the file's events repeat more than ${MAX_STEPS} times up to ${toDate}`);
      if (isInvented(event, at)) continue;
      const { item, startDate, endDate } = event.getOccurrenceDetails(at);
      if (statusOf(item) === 'CANCELLED' || dateOf(startDate) < fromDate || dateOf(startDate) > toDate) continue;
      occurrences.push({ start: startDate, end: endDate, ...named(item) });
    }
  } catch (error) {
    if (error instanceof BadLine) throw error;
    throw new BadLine(n, error instanceof Error ? error.message : String(error));
  }
  return occurrences;
};

/** A day that its month does not have, say 29 February, is left out (RFC 5545, 3.3.10); the library moves it on. */
const isInvented = (event: ICAL.Event, at: ICAL.Time): boolean => {
  const rule = event.component.getFirstPropertyValue('rrule');
  if (!(rule instanceof ICAL.Recur) || !['YEARLY', 'MONTHLY'].includes(rule.freq)) return false;
  return Object.keys(rule.parts).length === 0 && event.startDate.day > 28 && at.day < 28;
};

const twoDigits = (n: number): string => String(n).padStart(2, '0');
const dateOf = ({ year, month, day }: ICAL.Time): string =>
  `${String(year).padStart(4, '0')}-${twoDigits(month)}-${twoDigits(day)}`;

/** Days are kept as days, hours as hours of each day that they touch. */
const holidaysOf = (n: number, { start, end, name }: Occurrence, timeZone: string | undefined): Holiday[] => {
  const named = name ? { name } : {};
  if (start.isDate) {
    const last = end.clone();
    last.adjust(-1, 0, 0, 0);
    const [fromDate, toDate] = [dateOf(start), dateOf(last)];
    if (toDate < fromDate) return [];
    return [fromDate === toDate ? { date: fromDate, ...named } : { fromDate, toDate, ...named }];
  }
  const [from, to] = [wallTime(n, start, timeZone), wallTime(n, end, timeZone)];
  if (from.date === to.date)
    return from.time < to.time ? [{ date: from.date, from: from.time, to: to.time, ...named }] : [];
  const holidays: Holiday[] = [{ date: from.date, from: from.time, to: '24:00', ...named }];
  const [first, last] = [dayAfter(from.date, 1), dayAfter(to.date, -1)];
  if (first <= last)
    holidays.push(first === last ? { date: first, ...named } : { fromDate: first, toDate: last, ...named });
  if (to.time > '00:00') holidays.push({ date: to.date, from: '00:00', to: to.time, ...named });
  return holidays;
};

const dayAfter = (date: string, days: number): string => Temporal.PlainDate.from(date).add({ days }).toString();

/** What the clock on the wall shows: as it is written, or of an instant in the given zone. */
const wallTime = (n: number, time: ICAL.Time, timeZone: string | undefined): { date: string; time: string } => {
  const written = `${dateOf(time)}T${twoDigits(time.hour)}:${twoDigits(time.minute)}`;
  if (time.zone?.tzid !== 'UTC') return { date: written.slice(0, 10), time: written.slice(11) };
  if (!timeZone) throw new BadLine(n, 'the event is in UTC: send timeZone, to tell the local time of whom it is');
  const local = Temporal.Instant.from(`${written}:00Z`).toZonedDateTimeISO(timeZone).toPlainDateTime().toString();
  return { date: local.slice(0, 10), time: local.slice(11, 16) };
};
