import { z } from 'zod';
import type { EntitlementStatus } from '../../domain/entitlements/lifecycle.ts';
import { refuse } from '../../domain/refusal.ts';
import type { Outcome, Request } from '../api/api.ts';
import { decodeCursor, encodeCursor } from '../api/cursor.ts';
import type { Services } from '../services.ts';
import { todayOf } from './command.ts';
import { viewEntitlement } from './entitlement-view.ts';

type ReadServices = Pick<Services, 'entitlements' | 'customers' | 'settings' | 'now'>;
type Paging = { limit: number; cursor?: string };

/** Reads an entitlement. */
export const getEntitlement = async (
  services: ReadServices,
  { params: { id } }: Request<{ id: string }, unknown, unknown>,
): Promise<Outcome> => {
  const entitlement = await services.entitlements.find(id);
  if (!entitlement) return notThere(id);
  const [customer, today] = await Promise.all([
    services.customers.find(entitlement.customerId),
    todayOf(services, services.now()),
  ]);
  return { accepted: true, body: viewEntitlement(entitlement, customer, today) };
};

/** A page of a customer's entitlements, the newest first. */
export const listEntitlements = async (
  services: ReadServices,
  request: Request<{ customerId: string }, Paging & { status?: EntitlementStatus }, unknown>,
): Promise<Outcome> => {
  const { customerId } = request.params;
  const { limit, cursor, status } = request.query;
  const list = `entitlements ${customerId} ${status ?? ''}`;
  const position = decodeCursor(list, cursor, z.string());
  if (!position.accepted) return position;
  const [customer, today] = await Promise.all([services.customers.find(customerId), todayOf(services, services.now())]);
  if (!customer) return refuse('NOT_FOUND', `There is no customer ${customerId}`);
  const { items, next } = await services.entitlements.of(customerId, { limit, after: position.value });
  const views = items.map((one) => viewEntitlement(one, customer, today));
  return {
    accepted: true,
    body: {
      items: views.filter((view) => !status || view.status === status),
      ...(next && { nextCursor: encodeCursor(list, next) }),
    },
  };
};

/** A page of the movements of a balance, the newest first. */
export const listMovements = async (
  { entitlements }: Pick<Services, 'entitlements'>,
  { params: { id }, query: { limit, cursor } }: Request<{ id: string }, Paging, unknown>,
): Promise<Outcome> => {
  const list = `movements ${id}`;
  const position = decodeCursor(list, cursor, z.string());
  if (!position.accepted) return position;
  if (!(await entitlements.find(id))) return notThere(id);
  const { items, next } = await entitlements.movements(id, { limit, after: position.value });
  return { accepted: true, body: { items, ...(next && { nextCursor: encodeCursor(list, next) }) } };
};

const notThere = (id: string) => refuse('NOT_FOUND', `There is no entitlement ${id}`);
