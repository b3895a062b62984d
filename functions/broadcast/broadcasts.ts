import { Broadcast, startBroadcast as decide, type StartBroadcast } from '../../domain/broadcast/broadcast.ts';
import { accept } from '../../domain/refusal.ts';
import type { Outcome } from '../api/api.ts';
import { pageOf } from '../api/route.ts';
import { type CaseRequest, type CommandServices, commandOnCase } from '../cases/command.ts';
import { type Paging, paged, type ReadRequest, type ReadServices } from '../cases/read-case.ts';
import type { Services } from '../services.ts';

/** Begins to tell all active children of a case something; answers the case. */
export const startBroadcast = (
  services: CommandServices & Pick<Services, 'broadcasts'>,
  { body, ...request }: CaseRequest<StartBroadcast>,
): Promise<Outcome> =>
  commandOnCase(
    services,
    { body, ...request },
    ({ file, now, also }) => {
      const decision = decide(file, body, { id: services.ids.at(now), by: request.caller.userId, now });
      if (!decision.accepted) return decision;
      const { change, broadcast } = decision.value;
      also((transaction) => services.broadcasts.write(transaction, undefined, broadcast));
      return accept(change);
    },
    { status: 202 },
  );

/** A broadcast as lists show it. */
export const BroadcastView = Broadcast.omit({ caseId: true, cursor: true }).meta({ id: 'Broadcast' });
export const Broadcasts = pageOf(BroadcastView);

/** What has been told to the children of a case, the newest first. */
export const listBroadcasts = (
  services: ReadServices & Pick<Services, 'broadcasts'>,
  request: ReadRequest<Paging>,
): Promise<Outcome> =>
  paged(services, request, 'broadcasts', async (paging) => {
    const { items, next } = await services.broadcasts.of(request.params.caseId, paging);
    return { items: items.map((broadcast) => BroadcastView.parse(broadcast)), ...(next && { next }) };
  });
