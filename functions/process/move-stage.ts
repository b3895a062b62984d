import { moveStage as decide, type MoveStage } from '../../domain/process/move-stage.ts';
import type { Outcome } from '../api/api.ts';
import { type CaseRequest, type CommandServices, commandOnCase } from '../cases/command.ts';
import { findCustomer, withAccount } from '../references.ts';

/** Takes a case on or back in its process flow. */
export const moveStage = (services: CommandServices, request: CaseRequest<MoveStage>): Promise<Outcome> =>
  commandOnCase(services, request, async ({ file, rules, now }) => {
    if (rules.flow) return decide(file, request.body, { rules, now });
    const customer = await findCustomer(services, file.case.customerId);
    if (!customer.accepted) return customer;
    const known = await withAccount(services, customer.value);
    return decide(file, request.body, { rules, customer: known.customer, now });
  });
