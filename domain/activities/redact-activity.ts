import { z } from 'zod';
import type { Caller, CaseChange, CaseFile } from '../cases/case-file.ts';
import { resummarised } from '../merge/open-activities.ts';
import type { Instant } from '../time.ts';
import type { Activity } from './activity.ts';

/** What stands where a text stood that should not have been kept. */
export const REDACTED = '[redacted]';

/** The body of a redaction. */
export const RedactActivity = z
  .strictObject({ reason: z.string().trim().min(1).max(1_000).optional().describe('Kept with the fact') })
  .meta({ id: 'RedactActivity' });
export type RedactActivity = z.infer<typeof RedactActivity>;

/**
 * Decides that an activity loses its subject and its text, on an open or a closed case: a card number must not stay
 * because the case is over. Who said something to whom, and when, stays. A second redaction changes nothing.
 */
export const redactActivity = (
  file: CaseFile,
  before: Activity,
  { reason }: RedactActivity,
  { caller, now }: { caller: Caller; now: Instant },
): CaseChange => {
  if (before.redactedOn) return { before: file, after: file, facts: [] };
  const { activityId } = before;
  const redacted: Activity = {
    ...before,
    ...(before.subject !== undefined && { subject: REDACTED }),
    body: REDACTED,
    ...(before.wholeText !== undefined && { wholeText: REDACTED }),
    ...(before.html !== undefined && { html: REDACTED }),
    redactedOn: now,
    redactedBy: caller.userId,
    revision: before.revision + 1,
  };
  const open = file.activities.open.map((one) =>
    one.activityId === activityId && one.subject !== undefined ? { ...one, subject: REDACTED } : one,
  );
  return {
    before: file,
    after: { ...file, activities: resummarised(file.activities, { open }) },
    activities: [redacted],
    facts: [{ type: 'activity.redacted', occurredAt: now, activityId, ...(reason && { note: reason }) }],
  };
};
