import { z } from 'zod';
import { CaseId } from '../../domain/cases/case.ts';
import { ConvertCase } from '../../domain/convert/convert-case.ts';
import { Lead, Opportunity } from '../../domain/convert/prospect.ts';
import { declareRoute } from '../api/route.ts';
import { ConvertedView } from './convert-case.ts';

const tag = 'Conversion';

/** The routes of what cases are converted to. */
export const convertRoutes = {
  convert: declareRoute({
    method: 'POST',
    path: '/v1/cases/{caseId}/convert',
    tag,
    summary: 'Make a lead, an opportunity, an article or a recurring template of a case, which stays open',
    roles: ['agent'],
    params: z.object({ caseId: CaseId }),
    body: ConvertCase,
    answer: ConvertedView,
    status: 201,
    refusals: ['CASE_NOT_ACTIVE', 'IN_USE'],
  }),
  getLead: declareRoute({
    method: 'GET',
    path: '/v1/leads/{leadId}',
    tag,
    summary: 'Read a lead',
    roles: ['agent'],
    params: z.object({ leadId: z.uuid() }),
    answer: Lead,
  }),
  getOpportunity: declareRoute({
    method: 'GET',
    path: '/v1/opportunities/{opportunityId}',
    tag,
    summary: 'Read an opportunity',
    roles: ['agent'],
    params: z.object({ opportunityId: z.uuid() }),
    answer: Opportunity,
  }),
};
