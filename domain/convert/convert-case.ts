import { z } from 'zod';
import type { ArticleChange } from '../articles/article.ts';
import { ArticleFields } from '../articles/article.ts';
import { createArticle } from '../articles/write-article.ts';
import { type Case, CaseFields, OwnerId, Slug } from '../cases/case.ts';
import type { Caller, CaseChange, CaseFile } from '../cases/case-file.ts';
import { isSupervisor } from '../queues/access.ts';
import { accept, type Decision, refuse } from '../refusal.ts';
import { CaseTemplate, templateOf } from '../templates/case-template.ts';
import type { Instant } from '../time.ts';
import { Expectation, type Lead, type Opportunity } from './prospect.ts';

const prospect = { title: CaseFields.shape.title.optional(), ownerId: OwnerId.optional() };

/** The body of a conversion. What is left out is taken from the case. */
export const ConvertCase = z
  .discriminatedUnion('to', [
    z.strictObject({ to: z.literal('lead'), ...prospect }),
    z.strictObject({ to: z.literal('opportunity'), ...prospect, ...Expectation.shape }),
    z.strictObject({
      to: z.literal('article'),
      visibility: ArticleFields.shape.visibility.default('internal'),
      language: ArticleFields.shape.language,
      labels: ArticleFields.shape.labels,
    }),
    z.strictObject({
      to: z.literal('template'),
      id: Slug.optional().describe('Default: the case number'),
      name: CaseTemplate.shape.name.optional(),
      schedule: CaseTemplate.shape.schedule,
    }),
  ])
  .meta({ id: 'ConvertCase' });
export type ConvertCase = z.infer<typeof ConvertCase>;

/** What a case was converted to. */
export type Converted =
  | { kind: 'lead'; id: string; lead: Lead }
  | { kind: 'opportunity'; id: string; opportunity: Opportunity }
  | { kind: 'article'; id: string; article: ArticleChange }
  | { kind: 'template'; id: string; template: CaseTemplate };

/** A conversion: the case stays as it is, and something new comes from it. */
export interface Conversion {
  change: CaseChange;
  converted: Converted;
}

interface ConvertContext {
  /** The id of what it becomes, where that gets a new one. */
  id: string;
  caller: Caller;
  now: Instant;
}

/**
 * Decides a conversion, of an active or a closed case, as often as one likes. The case is not closed by it: whoever
 * hands it on decides that. Nothing comes of a merged case, whose survivor is the one to convert.
 */
export const convertCase = (
  file: CaseFile,
  command: ConvertCase,
  { id, caller, now }: ConvertContext,
): Decision<Conversion> => {
  const { case: subject } = file;
  if (subject.status === 'cancelled' && subject.mergedInto) {
    return refuse('CASE_NOT_ACTIVE', `${subject.caseNumber} is merged: convert its survivor`);
  }
  if (command.to === 'template' && !isSupervisor(caller)) {
    return refuse('FORBIDDEN', 'Only supervisors make templates');
  }
  const converted = convertedTo(subject, command, { id, caller, now });
  return accept({
    change: {
      before: file,
      after: { ...file },
      facts: [{ type: 'case.converted', occurredAt: now, to: command.to, targetId: converted.id }],
      fences: [{ type: 'isNotMerged' }],
    },
    converted,
  });
};

const convertedTo = (subject: Case, command: ConvertCase, { id, caller, now }: ConvertContext): Converted => {
  const { caseId: sourceCaseId, ownerId } = subject;
  switch (command.to) {
    case 'lead': {
      const { to: kind, ...chosen } = command;
      return { kind, id, lead: { leadId: id, ...prospectOf(subject, caller, now), ...chosen } };
    }
    case 'opportunity': {
      const { to: kind, ...chosen } = command;
      return { kind, id, opportunity: { opportunityId: id, ...prospectOf(subject, caller, now), ...chosen } };
    }
    case 'article': {
      const { to: kind, ...chosen } = command;
      const { title, subjectId, subjectPath } = subject;
      const fields = { ...chosen, title, body: articleBody(subject), ...(subjectId && { subjectId }) };
      const context = { articleId: id, sourceCaseId, ownerId, by: caller.userId, now, subjectPath };
      return { kind, id, article: createArticle(ArticleFields.parse(fields), context) };
    }
    case 'template': {
      const { to: kind, id: chosen, ...rest } = command;
      return { kind, id: chosen ?? subject.caseNumber.toLowerCase(), template: templateOf(subject, rest) };
    }
  }
};

const prospectOf = (subject: Case, { userId }: Caller, now: Instant): Omit<Lead, 'leadId'> => ({
  title: subject.title,
  customerId: subject.customerId,
  ...(subject.contactId && { contactId: subject.contactId }),
  ...(subject.product && { product: subject.product }),
  ...(subject.description && { description: subject.description }),
  ownerId: subject.ownerId ?? userId,
  sourceCaseId: subject.caseId,
  createdOn: now,
  createdBy: userId,
});

/** What was asked and, once it is known, what helped. */
const articleBody = (subject: Case): string =>
  [subject.description, subject.status === 'resolved' ? subject.resolution.resolution : undefined]
    .filter(Boolean)
    .join('\n\n');
