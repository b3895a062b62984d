import { Lead, Opportunity } from '../../domain/convert/prospect.ts';
import { leadKey, opportunityKey } from './keys.ts';
import type { Table } from './table.ts';
import type { Transaction } from './transaction.ts';

/** What cases were handed on to sales as. */
export interface ProspectStore {
  lead(leadId: string): Promise<Lead | undefined>;
  opportunity(opportunityId: string): Promise<Opportunity | undefined>;
  /** Adds to a transaction that one is new. */
  createLead(transaction: Transaction, lead: Lead): void;
  createOpportunity(transaction: Transaction, opportunity: Opportunity): void;
}

/** The store on a table. */
export const prospectStore = (table: Table): ProspectStore => ({
  async lead(leadId) {
    const item = await table.get(leadKey(leadId));
    return item && Lead.parse(item);
  },
  async opportunity(opportunityId) {
    const item = await table.get(opportunityKey(opportunityId));
    return item && Opportunity.parse(item);
  },
  createLead: (transaction, lead) => transaction.create({ ...leadKey(lead.leadId), entity: 'lead', ...lead }),
  createOpportunity: (transaction, opportunity) =>
    transaction.create({ ...opportunityKey(opportunity.opportunityId), entity: 'opportunity', ...opportunity }),
});
