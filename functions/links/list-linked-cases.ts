import { z } from 'zod';
import { CaseStatus } from '../../domain/cases/status-reasons.ts';
import { CaseLink } from '../../domain/links/link.ts';
import type { Outcome } from '../api/api.ts';
import { isVisible } from '../cases/access.ts';
import { type Paging, paged, type ReadRequest, type ReadServices } from '../cases/read-case.ts';

/** A link as a list shows it, with what to call the other case. */
export const LinkView = CaseLink.omit({ caseId: true })
  .extend({ caseNumber: z.string(), title: z.string(), status: CaseStatus, statusReason: z.string() })
  .meta({ id: 'CaseLink' });

/** The cases that a case is linked to and that the caller may know of. */
export const listLinkedCases = (services: ReadServices, request: ReadRequest<Paging>): Promise<Outcome> =>
  paged(services, request, 'links', async (paging) => {
    const { items, next } = await services.cases.links(request.params.caseId, paging);
    const head = await services.settings.head();
    const shown = await Promise.all(
      items.map(async ({ otherId, kind, direction, linkedOn, linkedBy }) => {
        const other = await services.cases.load(otherId, { eventually: true });
        if (!other || !(await isVisible(services, other, request.caller, head))) return [];
        const { caseNumber, title, status, statusReason } = other.case;
        return [{ otherId, kind, direction, linkedOn, linkedBy, caseNumber, title, status, statusReason }];
      }),
    );
    return { items: shown.flat(), ...(next && { next }) };
  });
