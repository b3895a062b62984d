import { CancelCase, cancelCase as decideCancel } from '../../domain/cases/cancel-case.ts';
import { resolveAsBefore } from '../../domain/cases/resolve-as-before.ts';
import { type ClosingContext, resolveCase as decideResolve, ResolveCase } from '../../domain/cases/resolve-case.ts';
import type { Outcome } from '../api/api.ts';
import { creditArticle } from '../articles/link-articles.ts';
import type { CaseRequest, CommandServices, Loaded } from './command.ts';
import { commandOnCase } from './command.ts';

export { CancelCase, ResolveCase };

/** Resolves a case. */
export const resolveCase = (services: CommandServices, request: CaseRequest<ResolveCase>): Promise<Outcome> =>
  commandOnCase(services, request, async (loaded) => {
    const context = await closingContext(services, request, loaded);
    if (request.body.asBefore) {
      const { caseId, reopenCount } = loaded.file.case;
      return resolveAsBefore(loaded.file, await services.cases.resolution(caseId, reopenCount), request.body, context);
    }
    const decision = decideResolve(loaded.file, request.body, context);
    const { articleId } = request.body;
    return decision.accepted && articleId ? creditArticle(services, request, loaded, decision.value) : decision;
  });

/** Cancels a case. */
export const cancelCase = (services: CommandServices, request: CaseRequest<CancelCase>): Promise<Outcome> =>
  commandOnCase(services, request, async (loaded) =>
    decideCancel(loaded.file, request.body, await closingContext(services, request, loaded)),
  );

const closingContext = async (
  services: CommandServices,
  { body, caller }: CaseRequest<{ confirmCancelActivities: boolean }>,
  { file, rules, now }: Loaded,
): Promise<ClosingContext> => {
  const cascades = rules.caseSettings.closurePolicy === 'cascadeToChildren' && file.family.activeChildren > 0;
  const asks = cascades && !body.confirmCancelActivities;
  const openActivitiesOfChildren = asks ? await countOpenActivities(services, file.case.caseId) : 0;
  return { rules, caller, now, cascadeId: services.ids.random(), openActivitiesOfChildren };
};

/** A question to the user, not a rule: what is opened between it and the cascade is cancelled with the rest. */
const countOpenActivities = async ({ cases }: CommandServices, parentId: string): Promise<number> => {
  let count = 0;
  let after: string | undefined;
  do {
    const page = await cases.children(parentId, { limit: 100, after });
    const files = await Promise.all(page.items.map(({ childId }) => cases.load(childId, { eventually: true })));
    for (const file of files) if (file?.case.status === 'active') count += file.activities.open.length;
    after = page.next;
  } while (after);
  return count;
};
