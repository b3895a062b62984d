import { z } from 'zod';
import { type ConvertCase, type Converted, convertCase as decideConvert } from '../../domain/convert/convert-case.ts';
import { accept, refuse } from '../../domain/refusal.ts';
import type { Outcome, Request } from '../api/api.ts';
import { loadVisible } from '../cases/access.ts';
import { type CaseRequest, type CommandServices, commandOnCase } from '../cases/command.ts';
import type { Services } from '../services.ts';
import type { Transaction } from '../table/transaction.ts';

/** What a conversion answers. */
export const ConvertedView = z
  .object({ kind: z.enum(['lead', 'opportunity', 'article']), id: z.string() })
  .meta({ id: 'ConvertedCase' });

type ConvertServices = CommandServices & Pick<Services, 'prospects'>;

/** Makes something new of a case, which stays as it is. */
export const convertCase = async (
  services: ConvertServices,
  request: CaseRequest<z.infer<typeof ConvertCase>>,
): Promise<Outcome> => {
  const { body, caller } = request;
  return commandOnCase(
    services,
    request,
    async ({ file, now, also }) => {
      const decision = decideConvert(file, body, { id: services.ids.at(now), caller, now });
      if (!decision.accepted) return decision;
      const { change, converted } = decision.value;
      also(await writerOf(services, converted));
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

const writerOf = async (
  { articles, prospects }: ConvertServices,
  converted: Converted,
): Promise<(transaction: Transaction) => void> => {
  switch (converted.kind) {
    case 'lead':
      return (transaction) => prospects.createLead(transaction, converted.lead);
    case 'opportunity':
      return (transaction) => prospects.createOpportunity(transaction, converted.opportunity);
    case 'article':
      return articles.writer(converted.article);
  }
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
