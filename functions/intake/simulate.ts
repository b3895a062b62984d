import type { z } from 'zod';
import type { Outcome, Request } from '../api/api.ts';
import { adapterOf } from '../channels/adapters/adapters.ts';
import type { SimulatedMessage, SimulateMessage } from '../channels/channels.routes.ts';
import { parseContext } from '../channels/own-addresses.ts';
import { getSetting } from '../settings/documents.ts';
import type { IntakeServices } from './carry-out.ts';
import { consider } from './take-in.ts';

/** Tells what would become of a message, by the code that real ones go through up to the commit. */
export const simulateMessage = async (
  services: IntakeServices,
  request: Request<{ id: string }, unknown, z.infer<typeof SimulateMessage>>,
): Promise<Outcome> => {
  const { params, body, correlationId } = request;
  const channel = (await services.settings.channels.find(params.id))?.document;
  const adapter = channel && adapterOf(channel.kind);
  if (!channel || !adapter) return getSetting(services.settings.channels, request);
  const now = services.now();
  const headers = Object.entries(body.headers ?? {}).map(([name, value]) => [name.toLowerCase(), value]);
  const raw = {
    method: 'POST',
    url: `https://simulation.invalid/v1/channels/${params.id}/inbound`,
    headers: { 'content-type': 'application/json', 'webhook-id': 'simulation', ...Object.fromEntries(headers) },
    query: {},
    body: Buffer.from(typeof body.message === 'string' ? body.message : JSON.stringify(body.message ?? null)),
  };
  const context = { channelId: params.id, channel, secrets: { own: [], given: {} }, now };
  const parsed = await adapter.parse(raw, await parseContext(services, context));
  if (!parsed.accepted) return parsed;
  const entrance = { channelId: params.id, channel, adapter, request: raw, correlationId };
  const messages: z.infer<typeof SimulatedMessage>['messages'] = [];
  // No number is taken for a case that will not be.
  const dry = { ...services, nextCaseNumber: async () => 0 };
  for (const incoming of parsed.value) {
    const considered = await consider(dry, entrance, incoming, { now, keep: async () => [] });
    if (!considered.accepted) return considered;
    const { plan, carried } = considered.value;
    const { change } = carried;
    messages.push({
      outcome: carried.outcome,
      ...(carried.reason && { reason: carried.reason }),
      ...(carried.detail && { detail: carried.detail }),
      ...(plan.ruleId && { ruleId: plan.ruleId }),
      trace: plan.trace,
      ...(change && { customerId: change.after.case.customerId }),
      ...(change?.before ? { caseId: change.before.case.caseId } : change && { case: caseOf(change.after.case) }),
    });
  }
  return { accepted: true, body: { messages } };
};

/** Without the ids and times that a case would have got just now. */
const caseOf = ({
  caseId: _id,
  caseNumber: _number,
  referenceKey: _key,
  createdOn: _created,
  modifiedOn: _modified,
  version: _version,
  ...subject
}: Record<string, unknown>): Record<string, unknown> => subject;
