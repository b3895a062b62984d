import { z } from 'zod';
import { Instant } from '../time.ts';
import { Sender } from './message.ts';

/** `queued`: somebody has to say whose it is. `failed`: it could not be understood. */
export const IntakeOutcome = z
  .enum(['created', 'appended', 'ignored', 'queued', 'failed'])
  .meta({ id: 'IntakeOutcome' });
export type IntakeOutcome = z.infer<typeof IntakeOutcome>;

/** What became of one message that came in, and why. */
export const Intake = z
  .object({
    intakeId: z.uuid(),
    channelId: z.string(),
    /** What the sender calls it. */
    externalId: z.string(),
    receivedAt: Instant,
    outcome: IntakeOutcome,
    reason: z.string().optional().describe('A word; `detail` and `trace` say more'),
    detail: z.string().optional(),
    ruleId: z.string().optional(),
    trace: z.array(z.string()),
    from: Sender.optional(),
    subject: z.string().optional(),
    excerpt: z.string().optional(),
    customerId: z.string().optional(),
    caseId: z.uuid().optional(),
    activityId: z.uuid().optional(),
    reprocessedBy: z.string().optional(),
    reprocessedAt: Instant.optional(),
    revision: z.int(),
  })
  .meta({ id: 'Intake' });
export type Intake = z.infer<typeof Intake>;

/** What the sender is told, the first time and each time that it sends the same again. */
export const IntakeAnswer = z
  .object({
    outcome: z.enum(['created', 'appended', 'ignored']),
    caseId: z.uuid().optional(),
    activityId: z.uuid().optional(),
    reason: z.string().optional(),
  })
  .meta({ id: 'IntakeAnswer' });
export type IntakeAnswer = z.infer<typeof IntakeAnswer>;

/** What the sender is told of an intake: a message that waits for somebody, or could not be read, opened nothing yet. */
export const answerOf = ({ outcome, caseId, activityId, reason }: Intake): IntakeAnswer => ({
  outcome: outcome === 'queued' || outcome === 'failed' ? 'ignored' : outcome,
  ...(caseId && { caseId }),
  ...(activityId && { activityId }),
  ...(reason && { reason }),
});
