import type { Caller, CaseFile } from '../cases/case-file.ts';
import type { Queue } from './queue.ts';

/** Supervisors and admins see and correct everybody's work. */
export const isSupervisor = ({ roles }: Caller): boolean => roles.includes('supervisor') || roles.includes('admin');

const isUser = (ownerId: string | undefined, userId: string): boolean =>
  ownerId === userId || ownerId === `user:${userId}`;

const isMember = (queue: Queue, { userId }: Caller): boolean =>
  isUser(queue.ownerId, userId) || queue.members.some((member) => isUser(member, userId));

/** Who picks from a queue: everybody from a public one, members and supervisors from a private one. */
export const mayWorkIn = (queue: Queue, caller: Caller): boolean =>
  queue.visibility === 'public' || isMember(queue, caller) || isSupervisor(caller);

/**
 * Who sees a case: a private queue hides its cases from all but its members, the case's owner, supervisors and admins.
 * Closing a case leaves it as hidden as it was.
 */
export const maySee = (file: CaseFile, queue: Queue | undefined, caller: Caller): boolean =>
  !queue || mayWorkIn(queue, caller) || isUser(file.case.ownerId, caller.userId);
