import { z } from 'zod';
import type { By, Call } from './connection.ts';
import type { Outcome } from './journal.ts';
import type { Command } from './plan.ts';

const Identified = z.object({ caseId: z.string().optional(), activityId: z.string().optional() });
const Problem = z.object({ code: z.string(), detail: z.string().optional() });

/** The refusal that a body is, if it is one. */
export const refusalIn = (body: unknown): z.infer<typeof Problem> | undefined => Problem.safeParse(body).data;

/** What an answer says became of the command. */
export const outcomeOf = (status: number, body: unknown, id: 'caseId' | 'activityId'): Outcome => {
  if (status < 400) return { acknowledged: true, id: Identified.parse(body)[id] };
  const { code = `HTTP_${status}`, detail } = refusalIn(body) ?? {};
  return { acknowledged: false, status, code, ...(detail && { detail }) };
};

/** A command as a request; none when the case it is about, or the parent, was never opened. */
export const callOf = (
  command: Command,
  caseId: string | undefined,
  parentId: string | undefined,
): Call | undefined => {
  const by: By = 'agent';
  if (command.part === 'open') return { by: command.by, method: 'POST', path: '/v1/cases', body: command.body };
  if (!caseId) return undefined;
  const path = `/v1/cases/${caseId}`;
  switch (command.part) {
    case 'reactivate':
      return { by, method: 'POST', path: `${path}/reactivate` };
    case 'detach':
      return { by, method: 'DELETE', path: `${path}/parent` };
    case 'attach':
      return parentId ? { by, method: 'PUT', path: `${path}/parent`, body: { parentId } } : undefined;
    case 'edit':
      return { by, method: 'PATCH', path, body: command.body };
    case 'route':
      return { by, method: 'POST', path: `${path}/route`, body: { queueId: command.queueId } };
    case 'assign':
      return { by, method: 'POST', path: `${path}/assign`, body: { ownerId: command.ownerId } };
    case 'ask':
    case 'note':
      return { by, method: 'POST', path: `${path}/activities`, body: command.body };
    case 'reason':
      return { by, method: 'PATCH', path, body: { statusReason: command.statusReason } };
    case 'resolve':
      return { by, method: 'POST', path: `${path}/resolve`, body: command.body };
  }
};
