import { resumeCascade as decide } from '../../domain/cascade/resume-cascade.ts';
import type { Outcome } from '../api/api.ts';
import { type CaseRequest, type CommandServices, commandOnCase } from '../cases/command.ts';

/** Takes up the children that a parent's closing could not close; answers the parent. */
export const resumeCascade = (services: CommandServices, request: CaseRequest<unknown>): Promise<Outcome> =>
  commandOnCase(services, request, ({ file, now }) => decide(file, now));
