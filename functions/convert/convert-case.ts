import { z } from 'zod';
import { type ConvertCase, type Converted, convertCase as decideConvert } from '../../domain/convert/convert-case.ts';
import { accept, type Decision, refuse } from '../../domain/refusal.ts';
import type { CaseTemplate } from '../../domain/templates/case-template.ts';
import type { Instant } from '../../domain/time.ts';
import type { Outcome, Request } from '../api/api.ts';
import { loadVisible } from '../cases/access.ts';
import { type CaseRequest, commandOnCase } from '../cases/command.ts';
import { findOwner } from '../people/owners.ts';
import type { Services } from '../services.ts';
import type { Transaction } from '../table/transaction.ts';
import { checkedTemplate, scheduler } from '../templates/case-templates.ts';

/** What a conversion answers. */
export const ConvertedView = z
  .object({ kind: z.enum(['lead', 'opportunity', 'article', 'template']), id: z.string() })
  .meta({ id: 'ConvertedCase' });

/** Makes something new of a case, which stays as it is. */
export const convertCase = async (
  services: Services,
  request: CaseRequest<z.infer<typeof ConvertCase>>,
): Promise<Outcome> => {
  const { body, caller } = request;
  return commandOnCase(
    services,
    request,
    async ({ file, now, head, also }) => {
      const owner = await findOwner(services, head, 'ownerId' in body ? body.ownerId : undefined);
      if (!owner.accepted) return owner;
      const decision = decideConvert(file, body, { id: services.ids.at(now), caller, now });
      if (!decision.accepted) return decision;
      const { change, converted } = decision.value;
      const writer = await writerOf(services, converted, { by: caller.userId, now });
      if (!writer.accepted) return writer;
      also(writer.value);
      return accept(change);
    },
    {
      status: 201,
      of: ({ facts }) => {
        const fact = facts.find(({ type }) => type === 'case.converted');
        return fact?.type === 'case.converted' ? { kind: fact.to, id: fact.targetId } : undefined;
      },
    },
  );
};

type Writer = (transaction: Transaction) => void;

const writerOf = async (
  services: Services,
  converted: Converted,
  by: { by: string; now: Instant },
): Promise<Decision<Writer>> => {
  const { articles, prospects } = services;
  switch (converted.kind) {
    case 'lead':
      return accept((transaction) => prospects.createLead(transaction, converted.lead));
    case 'opportunity':
      return accept((transaction) => prospects.createOpportunity(transaction, converted.opportunity));
    case 'article':
      return accept(await articles.writer(converted.article));
    case 'template':
      return templateWriter(services, converted.id, converted.template, by);
  }
};

const templateWriter = async (
  services: Services,
  id: string,
  template: CaseTemplate,
  by: { by: string; now: Instant },
): Promise<Decision<Writer>> => {
  const { caseTemplates } = services.settings;
  const latest = await caseTemplates.latest(id);
  if (latest.isStored) return refuse('IN_USE', `There is a case template ${id} already`);
  const checked = await checkedTemplate(services, template);
  if (!checked.accepted) return checked;
  const schedule = await scheduler(services, id, template);
  return accept((transaction) => {
    caseTemplates.put(transaction, id, template, latest, by);
    schedule(transaction);
  });
};

type ReadServices = Pick<Services, 'prospects' | 'cases' | 'settings'>;

/** Reads a lead. It tells what its case says, so whoever may not know of the case may not know of it. */
export const getLead = async (
  services: ReadServices,
  { params: { leadId }, caller }: Request<{ leadId: string }, unknown, unknown>,
): Promise<Outcome> => {
  const lead = await services.prospects.lead(leadId);
  const isKnown = lead && (await loadVisible(services, lead.sourceCaseId, caller));
  return isKnown ? { accepted: true, body: lead } : refuse('NOT_FOUND', `There is no lead ${leadId}`);
};

/** Reads an opportunity; the same holds. */
export const getOpportunity = async (
  services: ReadServices,
  { params: { opportunityId }, caller }: Request<{ opportunityId: string }, unknown, unknown>,
): Promise<Outcome> => {
  const opportunity = await services.prospects.opportunity(opportunityId);
  const isKnown = opportunity && (await loadVisible(services, opportunity.sourceCaseId, caller));
  return isKnown
    ? { accepted: true, body: opportunity }
    : refuse('NOT_FOUND', `There is no opportunity ${opportunityId}`);
};
