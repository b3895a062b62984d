import { attachChild as decideAttach } from '../../domain/hierarchy/attach-child.ts';
import { detachChild as decideDetach } from '../../domain/hierarchy/detach-child.ts';
import { invalid } from '../../domain/refusal.ts';
import type { Outcome } from '../api/api.ts';
import { loadVisible } from '../cases/access.ts';
import { type CaseRequest, type CommandServices, commandOnCase } from '../cases/command.ts';
import { asParent } from '../people/owners.ts';
import { findCustomer, withAccount } from '../references.ts';

/** Makes a case a child of another. */
export const attachChild = (services: CommandServices, request: CaseRequest<{ parentId: string }>): Promise<Outcome> =>
  commandOnCase(services, request, async ({ file, rules, now, head }) => {
    const { parentId } = request.body;
    const [found, customer] = await Promise.all([
      loadVisible(services, parentId, request.caller, head),
      findCustomer(services, file.case.customerId),
    ]);
    const parent = await asParent(services, head, found);
    if (!parent) return invalid('parentId', `there is no case ${parentId}`);
    if (!customer.accepted) return customer;
    const known = await withAccount(services, customer.value);
    return decideAttach(file, parent, { rules, customer: known.customer, now });
  });

/** Makes a child stand alone. */
export const detachChild = (services: CommandServices, request: CaseRequest<unknown>): Promise<Outcome> =>
  commandOnCase(services, request, async ({ file, now }) => {
    const { parentId } = file.case;
    return decideDetach(file, parentId ? await services.cases.load(parentId) : undefined, now);
  });
