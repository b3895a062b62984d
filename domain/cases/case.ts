import { z } from 'zod';
import { CustomFieldValues } from '../custom-fields/values.ts';
import { EntitlementId } from '../entitlements/entitlement-id.ts';
import { Process } from '../process/process.ts';
import { Instant } from '../time.ts';

/** UUIDv7 (RFC 9562) of a case. */
export const CaseId = z.uuid().meta({ id: 'CaseId' });
export type CaseId = z.infer<typeof CaseId>;

/** Ids that callers choose in set-up: lower-case words, digits and dashes. */
export const Slug = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'lower-case words, digits and dashes')
  .meta({ id: 'Slug' });

/**
 * A user (the token's `sub`, or a machine's `client_id`) or a team: `user:<id>`, `team:<id>`; a bare id is a user. Kept
 * in one form, a user's without its prefix, so that equal owners are equal texts in lists and indexes.
 */
export const OwnerId = z
  .string()
  .min(1)
  .max(128)
  .regex(
    /^(user:|team:)?(?!user:|team:)[^\s#]+$/,
    'user:<id>, team:<id> or the id of a user, without white space and #',
  )
  .overwrite((id) => id.replace(/^user:/, ''))
  .meta({ id: 'OwnerId' });

export const Priority = z.enum(['low', 'normal', 'high', 'urgent']).meta({ id: 'Priority' });
export type Priority = z.infer<typeof Priority>;
export const Severity = z.enum(['low', 'medium', 'high', 'critical']).meta({ id: 'Severity' });
export const CaseType = z.enum(['question', 'problem', 'request']).meta({ id: 'CaseType' });

/** How the case arrived: email, phone, web, chat, sms, social, webhook, api, or an organisation's own word. */
export const Origin = z
  .string()
  .regex(/^[a-z][a-zA-Z0-9-]{0,31}$/, 'one lower-case word')
  .meta({ id: 'Origin' });

/** What people may write on a case, with its bounds. */
export const CaseFields = z.strictObject({
  title: z.string().trim().min(1).max(400),
  customerId: z.string().min(1).max(128),
  contactId: z.string().min(1).max(128).optional(),
  origin: Origin,
  priority: Priority.default('normal'),
  severity: Severity.optional(),
  subjectId: Slug.optional(),
  caseType: CaseType.optional(),
  product: z.string().trim().min(1).max(200).optional(),
  description: z.string().max(32_000).optional(),
  labels: z.array(z.string().trim().min(1).max(60)).max(50).optional(),
  previousCaseId: CaseId.optional(),
  participants: z
    .array(z.string().min(1).max(320))
    .max(100)
    .optional()
    .describe('Who else takes part: addresses or customers'),
  externalId: z.string().min(1).max(200).optional(),
  slaId: Slug.optional(),
  entitlementId: EntitlementId.optional(),
  doNotDecrement: z.boolean().optional().describe('The case takes nothing of its entitlement'),
  customFields: CustomFieldValues.optional(),
});
export type CaseFields = z.infer<typeof CaseFields>;

/** Whose word a case's SLA, or its having none, is: by hand goes before the entitlement's, that before the default. */
export const SlaSource = z.enum(['manual', 'entitlement', 'default']).meta({ id: 'SlaSource' });
export type SlaSource = z.infer<typeof SlaSource>;

/** How a case was resolved; kept per closing, so that reopening loses none. */
export const Resolution = z
  .object({
    resolutionType: z.string(),
    resolution: z.string(),
    totalMinutes: z.number().int(),
    billableMinutes: z.number().int(),
    resolvedAt: Instant,
    resolvedBy: z.string(),
    cause: z.string(),
    /** The article that resolved the case. */
    articleId: z.uuid().optional(),
    sla: z.array(z.object({ kpi: z.string(), status: z.string() })),
  })
  .meta({ id: 'Resolution' });
export type Resolution = z.infer<typeof Resolution>;

const Common = z.object({
  ...CaseFields.shape,
  priority: Priority,
  caseId: CaseId,
  caseNumber: z.string(),
  referenceKey: z.string(),
  statusReason: z.string(),
  /** The account that the customer belongs to, or the customer itself: what account lists are keyed by. */
  accountId: z.string(),
  /** The subject and everything above it, root first, as it was when the subject was set. */
  subjectPath: z.array(z.string()).optional(),
  ownerId: z.string().optional(),
  /** Where an active case stands in its process flow. */
  stage: z.string().optional(),
  process: Process.optional(),
  parentId: CaseId.optional(),
  /** It has had children: set with the first one and never taken back, also when all of them have left. */
  hasFamily: z.boolean().optional(),
  /** The case that goes on from this one because a message came too late to reopen it. */
  followUpId: CaseId.optional(),
  /** A child that an agent opened: it arrived by nobody, so how fast it is answered says nothing. */
  excludedFromFirstResponse: z.boolean().optional(),
  /** The agent for whom such a child counts as received. */
  receivedBy: z.string().optional(),
  slaVersion: z.number().int().optional(),
  slaSource: SlaSource.optional(),
  /** What the case holds of its entitlement and gives back when it lets go; absent: nothing. */
  entitlementDrawn: z.number().int().optional(),
  /** When its texts were taken away, because its customer was to be forgotten. */
  erasedOn: Instant.optional(),
  reopenCount: z.number().int(),
  createdOn: Instant,
  createdBy: z.string(),
  modifiedOn: Instant,
  /** Counts changes of the case's own fields; the `ETag`. */
  version: z.number().int(),
});

/** A case's own fields. A resolved case without a resolution cannot be built. */
export const Case = z.discriminatedUnion('status', [
  Common.extend({ status: z.literal('active') }),
  Common.extend({ status: z.literal('resolved'), resolvedOn: Instant, resolution: Resolution }),
  Common.extend({ status: z.literal('cancelled'), cancelledOn: Instant, mergedInto: CaseId.optional() }),
]);
export type Case = z.infer<typeof Case>;
