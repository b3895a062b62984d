import { z } from 'zod';

/** Ids that sort by time count from here. */
const FIRST = '1970-01-01T00:00:00.000Z';

/**
 * An instant: RFC 3339 in UTC with milliseconds (`2026-03-09T13:30:00.000Z`). All instants have this one width, so
 * comparing the strings compares the instants; years have four digits. Offsets and other precisions are accepted at the edge and normalised.
 */
export const Instant = z.iso
  .datetime({ offset: true })
  .overwrite((text) => (Number.isNaN(Date.parse(text)) ? text : new Date(text).toISOString()))
  .refine((text) => text >= FIRST && text.length === FIRST.length, 'lies before 1970 or after 9999')
  .meta({ id: 'Instant', description: 'RFC 3339, UTC, milliseconds' });
export type Instant = z.infer<typeof Instant>;

/** Milliseconds since the Unix epoch. */
export const toMs = (instant: Instant): number => Date.parse(instant);

/** The instant that lies `ms` milliseconds after the Unix epoch. */
export const toInstant = (ms: number): Instant => new Date(ms).toISOString();

/** One minute in milliseconds; durations in the contract are whole minutes, arithmetic is in milliseconds. */
export const MINUTE = 60_000;
