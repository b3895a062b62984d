import { z } from 'zod';
import { CreateCase } from '../../domain/cases/create-case.ts';
import { valuesAfter } from '../../domain/custom-fields/fill-fields.ts';
import { accept, type Decision, invalid, refuse } from '../../domain/refusal.ts';
import { CaseTemplate, TemplateRuns } from '../../domain/templates/case-template.ts';
import { firstDue } from '../../domain/templates/schedule.ts';
import type { Instant } from '../../domain/time.ts';
import type { Outcome, Request } from '../api/api.ts';
import { createCase } from '../cases/create-case.ts';
import { findOwner } from '../people/owners.ts';
import { findCustomer, findQueue, findSubjectPath } from '../references.ts';
import type { Services } from '../services.ts';
import { deleteSetting, getSetting, listSettings, putSetting, settingView } from '../settings/documents.ts';
import type { Transaction } from '../table/transaction.ts';

type IdRequest<Body = unknown> = Request<{ id: string }, unknown, Body>;

/** A template with how far its schedule has come: `schedule.nextAt` is when the next case is due. */
export const CaseTemplateView = settingView(CaseTemplate)
  .extend({ lastRun: TemplateRuns.shape.last })
  .meta({ id: 'CaseTemplateView' });

/** Creates or replaces a template. A case that is due already is still created, by the new version. */
export const putCaseTemplate = async (services: Services, request: IdRequest<CaseTemplate>): Promise<Outcome> =>
  shown(
    services,
    await putSetting(services, services.settings.caseTemplates, request, async (id, template, transaction) => {
      const checked = await checkedTemplate(services, template);
      if (checked.accepted) (await scheduler(services, id, template))(transaction);
      return checked;
    }),
  );

/** What a template refers to must exist, so that its cases can be opened. */
export const checkedTemplate = async (services: Services, template: CaseTemplate): Promise<Decision<unknown>> => {
  const { customerId, subjectId, queueId, ownerId, slaId, caseType, customFields = {} } = template.case;
  const head = await services.settings.head();
  const found = await Promise.all([
    findCustomer(services, customerId),
    findSubjectPath(services, head, subjectId),
    findQueue(services, head, queueId),
    findOwner(services, head, ownerId),
    !slaId || (await services.settings.slas.find(slaId, head))
      ? accept(undefined)
      : invalid('slaId', `there is no SLA ${slaId}`),
    valuesAfter(undefined, customFields, caseType, await services.settings.customFields.all(head)),
  ]);
  const refusal = found.find((one) => !one.accepted);
  if (!refusal || refusal.accepted) return accept(undefined);
  return { ...refusal, errors: refusal.errors?.map(({ path, message }) => ({ path: `case.${path}`, message })) };
};

/** What adds to a transaction when a template's next case is due, now that it is as it is. */
export const scheduler = async (
  { templates, now }: Pick<Services, 'templates' | 'now'>,
  templateId: string,
  { schedule, enabled }: CaseTemplate,
): Promise<(transaction: Transaction) => void> => {
  const before = await templates.runs(templateId);
  const nextAt = enabled && schedule ? nextOf(before?.nextAt, schedule, now()) : undefined;
  const after = { templateId, ...(nextAt && { nextAt }), ...(before?.last && { last: before.last }) };
  return (transaction) => templates.moveOn(transaction, before, after);
};

const nextOf = (
  present: Instant | undefined,
  schedule: NonNullable<CaseTemplate['schedule']>,
  now: Instant,
): Instant => {
  const isDue = present !== undefined && present <= now;
  return isDue || (present && present === schedule.nextAt) ? present : firstDue(schedule, now);
};

/** Reads a template. */
export const getCaseTemplate = async (services: Services, request: IdRequest): Promise<Outcome> =>
  shown(services, await getSetting(services.settings.caseTemplates, request));

/** Lists the templates. */
export const listCaseTemplates = async (
  services: Services,
  request: Request<unknown, { limit: number; cursor?: string }, unknown>,
): Promise<Outcome> => {
  const outcome = await listSettings(services.settings.caseTemplates, request);
  if (!outcome.accepted) return outcome;
  const page = z.looseObject({ items: z.array(z.unknown()) }).parse(outcome.body);
  const items = await Promise.all(page.items.map((item) => withRuns(services, item)));
  return { accepted: true, body: { ...page, items } };
};

/** Removes a template; its cases stay. */
export const deleteCaseTemplate = (services: Services, request: IdRequest): Promise<Outcome> =>
  deleteSetting(services, services.settings.caseTemplates, request, async (id, transaction) => {
    services.templates.remove(transaction, id);
    return undefined;
  });

/** Opens a case by a template now; its schedule goes on as it was. */
export const runCaseTemplate = async (services: Services, request: IdRequest): Promise<Outcome> => {
  const { id } = request.params;
  const template = await services.settings.caseTemplates.find(id);
  if (!template) return refuse('NOT_FOUND', `There is no case template ${id}`);
  return createCase(services, {
    ...request,
    body: CreateCase.parse(template.document.case),
    cause: causeOf(id),
  });
};

/** Why a template's cases are opened, as their timelines tell it. */
export const causeOf = (templateId: string): string => `template:${templateId}`;

const shown = async (services: Services, outcome: Outcome): Promise<Outcome> =>
  outcome.accepted ? { ...outcome, body: await withRuns(services, outcome.body) } : outcome;

const Template = z.object({ id: z.string(), version: z.int(), ...CaseTemplate.shape });

const withRuns = async ({ templates }: Pick<Services, 'templates'>, body: unknown) => {
  const template = Template.parse(body);
  const { nextAt, last } = (await templates.runs(template.id)) ?? {};
  const { schedule } = template;
  return { ...template, ...(schedule && { schedule: { ...schedule, nextAt } }), ...(last && { lastRun: last }) };
};
