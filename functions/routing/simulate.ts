import { z } from 'zod';
import { CaseFields, Slug } from '../../domain/cases/case.ts';
import { IN_PROGRESS } from '../../domain/cases/status-reasons.ts';
import { CustomerFields } from '../../domain/customers/customer.ts';
import { accept, invalid } from '../../domain/refusal.ts';
import { TraceEntry } from '../../domain/routing/choose-target.ts';
import { Instant } from '../../domain/time.ts';
import type { Outcome, Request } from '../api/api.ts';
import { findCustomer, findSubjectPath } from '../references.ts';
import type { Services } from '../services.ts';
import { chooseTarget } from './choose-target.ts';

/** A case that might be, as little of it as one likes, and who it would be for. */
export const SimulateRouting = z
  .strictObject({
    case: z
      .object({ ...CaseFields.partial().shape, createdOn: Instant.optional() })
      .describe('A creation’s body will do: what rules do not look at is passed over'),
    customer: CustomerFields.partial()
      .optional()
      .describe('In place of what is known of `customerId`, or of a customer whom nobody knows yet'),
    ruleSetId: Slug.optional().describe('A rule set to try instead of the active one'),
  })
  .meta({ id: 'SimulateRouting' });
export type SimulateRouting = z.infer<typeof SimulateRouting>;

/** Where the rules would send a case. */
export const RoutingAnswer = z.object({
  queueId: z.string().optional(),
  ownerId: z.string().optional(),
  spam: z.literal(true).optional(),
  ruleSetId: z.string().optional(),
  ruleSetVersion: z.int().optional(),
  ruleId: z.string().optional().describe('Absent when no rule matched'),
  because: z.string(),
});

/** The same, with every rule that was looked at, in order; the last one decided, if it matched. */
export const RoutingSimulation = RoutingAnswer.extend({ trace: z.array(TraceEntry) }).meta({ id: 'RoutingSimulation' });

/** Lets the rules choose for a case that nobody creates: the same code as the real routing, and nothing is written. */
export const simulateRouting = async (
  services: Pick<Services, 'settings' | 'users' | 'customers' | 'now'>,
  { body }: Request<unknown, unknown, SimulateRouting>,
): Promise<Outcome> => {
  const { settings } = services;
  const head = await settings.head();
  const { customerId, subjectId } = body.case;
  const [customer, subjectPath, ruleSet] = await Promise.all([
    customerId ? findCustomer(services, customerId, 'case.customerId') : accept(undefined),
    findSubjectPath(services, head, subjectId, { where: 'case.subjectId' }),
    body.ruleSetId ? settings.ruleSets.find(body.ruleSetId, head) : settings.activeRuleSet(head),
  ]);
  if (!customer.accepted) return customer;
  if (!subjectPath.accepted) return subjectPath;
  if (body.ruleSetId && !ruleSet) return invalid('ruleSetId', `there is no rule set ${body.ruleSetId}`);
  const now = services.now();
  const subject = {
    status: 'active',
    statusReason: IN_PROGRESS,
    priority: 'normal',
    createdOn: now,
    modifiedOn: now,
    ...body.case,
    ...(subjectPath.value && { subjectPath: subjectPath.value }),
  } as const;
  const { target, trace } = await chooseTarget(services, head, ruleSet, {
    case: subject,
    customer: { ...customer.value, ...body.customer },
  });
  return { accepted: true, body: { ...target, trace } };
};
