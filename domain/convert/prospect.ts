import { z } from 'zod';
import { CaseFields, CaseId, OwnerId } from '../cases/case.ts';
import { Instant } from '../time.ts';

const ISO_CURRENCY = /^[A-Z]{3}$/;

/** What a case that turned out to be a chance to sell is handed on as. */
const prospect = {
  title: CaseFields.shape.title,
  customerId: CaseFields.shape.customerId,
  contactId: CaseFields.shape.contactId,
  product: CaseFields.shape.product,
  description: CaseFields.shape.description,
  ownerId: OwnerId.optional(),
  sourceCaseId: CaseId,
  createdOn: Instant,
  createdBy: z.string(),
};

/** Somebody may want to buy. */
export const Lead = z.object({ leadId: z.uuid(), ...prospect }).meta({ id: 'Lead' });
export type Lead = z.infer<typeof Lead>;

/** What is expected of an opportunity. */
export const Expectation = z.strictObject({
  estimatedValue: z.number().min(0).max(1e12).optional(),
  currency: z.string().regex(ISO_CURRENCY, 'an ISO 4217 code such as EUR').optional(),
  closesOn: z.iso.date().optional(),
});

/** Somebody wants to buy, with what is expected of it. */
export const Opportunity = z
  .object({ opportunityId: z.uuid(), ...prospect, ...Expectation.shape })
  .meta({ id: 'Opportunity' });
export type Opportunity = z.infer<typeof Opportunity>;
