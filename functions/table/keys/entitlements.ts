import type { Entitlement } from '../../../domain/entitlements/entitlement.ts';
import { type IndexKeys, index, type Key } from './parts.ts';

const entitlementPk = (entitlementId: string): string => `ENTITLEMENT#${entitlementId}`;
export const MOVEMENT_PREFIX = 'MOVEMENT#';

/** The entitlement that an item belongs to. */
export const entitlementIdOf = (partition: string): string => partition.slice(entitlementPk('').length);

export const entitlementCollection = (entitlementId: string): string => entitlementPk(entitlementId);
export const entitlementKey = (entitlementId: string): Key => ({ PK: entitlementPk(entitlementId), SK: 'ENTITLEMENT' });

export const movementKey = (entitlementId: string, movementId: string): Key => ({
  PK: entitlementPk(entitlementId),
  SK: `${MOVEMENT_PREFIX}${movementId}`,
});

export const customerEntitlements = (customerId: string): string => `ENTITLEMENTS#${customerId}`;
export const slaEntitlements = (slaId: string): string => `SLA#${slaId}`;

export const entitlementIndexes = ({ entitlementId, customerId, slaId, state, createdOn }: Entitlement): IndexKeys => ({
  ...index(1, customerEntitlements(customerId), `${createdOn}#${entitlementId}`),
  ...(slaId && state !== 'cancelled' && index(2, slaEntitlements(slaId), `${createdOn}#${entitlementId}`)),
});
