import { z } from 'zod';
import { type Case, CaseId } from '../cases/case.ts';
import { CreateCase } from '../cases/create-case.ts';
import { Instant } from '../time.ts';
import { Schedule } from './schedule.ts';

/** What every case of a template is opened with. */
export const TemplateCase = CreateCase.omit({
  parentId: true,
  previousCaseId: true,
  externalId: true,
  createdOn: true,
  outbound: true,
})
  .required({ title: true, customerId: true })
  .meta({ id: 'TemplateCase' });

/** A case that comes again: by hand, or on a schedule. */
export const CaseTemplate = z
  .strictObject({
    name: z.string().trim().min(1).max(200),
    case: TemplateCase,
    schedule: Schedule.optional(),
    enabled: z.boolean().default(true).describe('Whether the schedule runs'),
    sourceCaseId: CaseId.optional().describe('The case that it was made from'),
  })
  .meta({ id: 'CaseTemplate' });
export type CaseTemplate = z.infer<typeof CaseTemplate>;

/** How far a template's schedule has come. */
export const TemplateRuns = z.object({
  templateId: z.string(),
  /** When the next case is due; none while the schedule does not run. */
  nextAt: Instant.optional(),
  last: z
    .object({
      dueAt: Instant,
      at: Instant,
      caseId: CaseId.optional(),
      refused: z.object({ code: z.string(), detail: z.string().optional() }).optional(),
    })
    .optional(),
});
export type TemplateRuns = z.infer<typeof TemplateRuns>;

/** A template made of a case: what it is about, for whoever it is for; where it goes is routed anew each time. */
export const templateOf = (subject: Case, { name, schedule }: { name?: string; schedule?: Schedule }): CaseTemplate => {
  const { title, customerId, contactId, origin, priority, severity, subjectId, caseType, product } = subject;
  const { description, labels, customFields, caseId } = subject;
  const fields = {
    customerId,
    contactId,
    origin,
    priority,
    severity,
    subjectId,
    caseType,
    product,
    description,
    labels,
    customFields,
  };
  return CaseTemplate.parse({
    name: name ?? title.slice(0, 200),
    case: { title, ...fields },
    schedule,
    sourceCaseId: caseId,
  });
};
