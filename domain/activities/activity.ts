import { z } from 'zod';
import { Instant } from '../time.ts';

export const ActivityType = z
  .enum(['email', 'phone', 'note', 'task', 'appointment', 'chat', 'sms', 'social'])
  .meta({ id: 'ActivityType' });
export type ActivityType = z.infer<typeof ActivityType>;

export const ActivityState = z.enum(['open', 'completed', 'cancelled']).meta({ id: 'ActivityState' });

/** A file of an activity. It may have been refused, or the provider may not have given it. */
export const AttachedFile = z
  .object({
    attachmentId: z.uuid(),
    name: z.string(),
    contentType: z.string(),
    size: z.int().optional(),
    state: z.enum(['stored', 'refused', 'failed']),
    reason: z.string().optional(),
  })
  .meta({ id: 'AttachedFile' });
export type AttachedFile = z.infer<typeof AttachedFile>;

/** Where a message that leaves stands. */
export const Delivery = z.enum(['queued', 'sent', 'failed', 'bounced']).meta({ id: 'Delivery' });
export type Delivery = z.infer<typeof Delivery>;

/** What was done about a case, or is to be done. Recording is not sending: nothing leaves by it. */
export const Activity = z
  .object({
    activityId: z.uuid(),
    caseId: z.uuid(),
    type: ActivityType,
    visibility: z.enum(['public', 'internal']),
    direction: z.enum(['inbound', 'outbound']).optional(),
    subject: z.string().optional(),
    body: z.string(),
    /** With what `body` leaves out of a mail: the one that it answers, as programs quote it, and the signature. */
    wholeText: z.string().optional(),
    html: z.string().optional(),
    templateId: z.string().optional(),
    from: z.string().optional(),
    fromName: z.string().optional(),
    to: z.array(z.string()).optional(),
    cc: z.array(z.string()).optional(),
    bcc: z.array(z.string()).optional(),
    durationMinutes: z.number().int().optional(),
    occurredAt: Instant,
    dueAt: Instant.optional(),
    state: ActivityState,
    /** Written by a machine: it wakes nothing, and answers nobody. */
    isAutomatic: z.boolean().optional(),
    attachments: z.array(AttachedFile).optional(),
    /** The channel that it came over, or leaves by. */
    channelId: z.string().optional(),
    delivery: Delivery.optional(),
    sending: z
      .object({
        attempts: z.int(),
        /** When it is tried next; while an attempt runs, when that counts as lost. */
        nextAttemptAt: Instant.optional(),
        error: z.string().optional(),
        sentOn: Instant.optional(),
        /** Of a text that goes in parts, how many have left. */
        partsSent: z.int().optional(),
        /** What the provider calls it. */
        externalId: z.string().optional(),
      })
      .optional(),
    /** The case that it was recorded on, if a merge has moved it since. */
    mergedFrom: z.uuid().optional(),
    /** The cases that merges have moved it out of, the first one first. */
    mergePath: z.array(z.uuid()).optional(),
    /** The case that it was moved from, where it had landed by mistake. */
    movedFrom: z.uuid().optional(),
    redactedOn: Instant.optional(),
    redactedBy: z.string().optional(),
    createdBy: z.string(),
    createdOn: Instant,
    revision: z.number().int(),
  })
  .meta({ id: 'Activity' });
export type Activity = z.infer<typeof Activity>;

/** An open activity as its case lists it. */
export const OpenActivity = z.object({
  activityId: z.uuid(),
  type: ActivityType,
  subject: z.string().optional(),
  /** The case in whose partition it still is, while a merge moves it. */
  at: z.uuid().optional(),
  mergePath: z.array(z.uuid()).optional(),
});
export type OpenActivity = z.infer<typeof OpenActivity>;

/**
 * What a case's activities amount to, kept beside the case so that closing it and adding an open activity meet in one
 * item: whichever commits second sees the other.
 */
export const ActivitySummary = z.object({
  caseId: z.uuid(),
  /** `anything` while the case is active, `notes` once it is closed, `nothing` once it is merged. */
  accepts: z.enum(['anything', 'notes', 'nothing']),
  open: z.array(OpenActivity),
  totalMinutes: z.number().int(),
  customerReplied: z.boolean(),
  firstRespondedOn: Instant.optional(),
  revision: z.number().int(),
});
export type ActivitySummary = z.infer<typeof ActivitySummary>;

/** At most this many open activities a case, so that closing it with all of them fits one transaction of 100 writes. */
export const MAX_OPEN_ACTIVITIES = 50;

/** The summary of a case that has no activities yet; it is written with the first one. */
export const noActivities = (caseId: string): ActivitySummary => ({
  caseId,
  accepts: 'anything',
  open: [],
  totalMinutes: 0,
  customerReplied: false,
  revision: 0,
});
