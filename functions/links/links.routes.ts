import { z } from 'zod';
import { CaseId } from '../../domain/cases/case.ts';
import { LinkKind } from '../../domain/links/link.ts';
import { LinkCases } from '../../domain/links/link-cases.ts';
import { declareRoute, pageOf, pageQuery } from '../api/route.ts';
import { LinkView } from './list-linked-cases.ts';

const params = z.object({ caseId: CaseId });
const pair = params.extend({ otherId: CaseId });
const ofKind = z.strictObject({ kind: LinkKind.optional().describe('Absent: all links between the two cases') });

/** The routes of links between cases that are no hierarchy. */
export const linkRoutes = {
  list: declareRoute({
    method: 'GET',
    path: '/v1/cases/{caseId}/links',
    tag: 'Links',
    summary: 'The cases that a case is linked to',
    roles: ['agent', 'integration'],
    params,
    query: z.strictObject(pageQuery),
    answer: pageOf(LinkView),
  }),
  put: declareRoute({
    method: 'PUT',
    path: '/v1/cases/{caseId}/links/{otherId}',
    tag: 'Links',
    summary: 'Link a case to another',
    description: 'Both cases have the link. Two cases may have one link of each kind.',
    roles: ['agent'],
    params: pair,
    body: LinkCases,
    answer: z.object({ otherId: CaseId, kind: LinkKind }),
    refusals: ['CASE_NOT_ACTIVE'],
  }),
  delete: declareRoute({
    method: 'DELETE',
    path: '/v1/cases/{caseId}/links/{otherId}',
    tag: 'Links',
    summary: 'Take a link between two cases away',
    description: 'The kind is in the body or, for those who cannot send one, in the query.',
    roles: ['agent'],
    params: pair,
    query: ofKind,
    body: ofKind.meta({ id: 'UnlinkCases' }),
    answer: z.object({ otherId: CaseId, deleted: z.array(LinkKind) }),
    refusals: ['CASE_NOT_ACTIVE'],
  }),
};
