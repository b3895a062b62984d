import { type AcknowledgeBreach, acknowledgeBreach as decide } from '../../domain/sla/acknowledge-breach.ts';
import type { Outcome, Request } from '../api/api.ts';
import { type CommandServices, commandOnCase } from '../cases/command.ts';
import { slaView } from '../cases/read-case.ts';

/** Answers for a breach; answers the case's clocks. */
export const acknowledgeBreach = (
  services: CommandServices,
  request: Request<{ caseId: string; kpi: string }, unknown, AcknowledgeBreach>,
): Promise<Outcome> =>
  commandOnCase(
    services,
    request,
    ({ file, now }) => decide(file, request.params.kpi, request.body, { by: request.caller.userId, now }),
    { of: ({ after }, rules) => slaView(after, rules, services.now()) },
  );
