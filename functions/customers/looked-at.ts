import type { LookedAt } from '../../domain/customers/following.ts';
import { customerFieldsIn } from '../../domain/sla/follow-case.ts';
import type { Services } from '../services.ts';

/** What an edit of a customer has to know of the service levels that look at customers. */
export const lookedAtBySlas = async (
  { settings, fieldUses, ids }: Pick<Services, 'settings' | 'fieldUses' | 'ids'>,
  by: string,
): Promise<LookedAt> => {
  // An earlier release left no mark of what it saved.
  const [present, marked] = await Promise.all([settings.slas.all(), fieldUses.lookedAtOfCustomers()]);
  const fields = new Set([...marked, ...present.flatMap(({ document }) => customerFieldsIn(document))]);
  return { fields, by, followingId: ids.random() };
};
