import type { Caller, CaseFile } from '../cases/case-file.ts';
import { isOwnCustomer } from '../people/integration.ts';
import { isOrIncludes } from '../people/owner.ts';
import type { Queue } from './queue.ts';

/** Supervisors and admins see and correct everybody's work. */
export const isSupervisor = ({ roles }: Caller): boolean => roles.includes('supervisor') || roles.includes('admin');

const isMember = (queue: Queue, caller: Caller): boolean =>
  isOrIncludes(queue.ownerId, caller) || queue.members.some((member) => isOrIncludes(member, caller));

/** Who picks from a queue: everybody from a public one, members and supervisors from a private one. */
export const mayWorkIn = (queue: Queue, caller: Caller): boolean =>
  queue.visibility === 'public' || isMember(queue, caller) || isSupervisor(caller);

/**
 * Who sees a case: a private queue hides its cases from all but its members, the case's owner, supervisors and admins.
 * Closing a case leaves it as hidden as it was. A machine client that is held to customers sees theirs only.
 */
export const maySee = (file: CaseFile, queue: Queue | undefined, caller: Caller): boolean =>
  isOwnCustomer(caller, file.case.customerId, file.case.accountId) &&
  (!queue || mayWorkIn(queue, caller) || isOrIncludes(file.case.ownerId, caller));
