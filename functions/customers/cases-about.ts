import { z } from 'zod';
import type { Customer } from '../../domain/customers/customer.ts';
import type { Services } from '../services.ts';
import { accountCases, caseIdOf, caseKey, customerCases } from '../table/keys.ts';

/** A place in the list of the cases that are about a customer. */
export const AboutPosition = z.object({ list: z.enum(['own', 'account']), after: z.string().optional() });
export type AboutPosition = z.infer<typeof AboutPosition>;

/** The first place. */
export const firstAbout: AboutPosition = { list: 'own' };

/** An account may have thousands of cases of which none names the contact: so many are looked at in one go. */
const LOOKED_AT = 100;

/**
 * The next case that is about a customer: those whose customer it is, then those of its account that name it as contact.
 * There may be none at a place and more behind it.
 */
export const nextCaseAbout = async (
  { table }: Pick<Services, 'table'>,
  { customerId, parentId }: Pick<Customer, 'customerId' | 'parentId'>,
  { list, after }: AboutPosition,
): Promise<{ caseId?: string; next?: AboutPosition }> => {
  if (list === 'own') {
    const { items, next } = await table.page({ index: 1, partition: customerCases(customerId), limit: 1, after });
    const [caseId] = items.map(({ PK }) => caseIdOf(String(PK)));
    const behind: AboutPosition | undefined = next ? { list, after: next } : parentId ? { list: 'account' } : undefined;
    return { caseId, next: behind };
  }
  const { items, next } = await table.page({
    index: 5,
    partition: accountCases(parentId ?? ''),
    limit: LOOKED_AT,
    after,
  });
  for (const { PK, GSI5SK } of items) {
    const caseId = caseIdOf(String(PK));
    const subject = await table.get(caseKey(caseId));
    if (subject?.contactId === customerId && subject.customerId !== customerId) {
      return { caseId, next: { list, after: String(GSI5SK) } };
    }
  }
  return { next: next ? { list, after: next } : undefined };
};
