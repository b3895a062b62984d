import { z } from 'zod';
import { type Refusal, refuse } from '../refusal.ts';
import type { LocalDate } from '../time-zone.ts';
import type { Entitlement } from './entitlement.ts';

export const EntitlementStatus = z
  .enum(['draft', 'waiting', 'active', 'expired', 'cancelled'])
  .meta({ id: 'EntitlementStatus' });
export type EntitlementStatus = z.infer<typeof EntitlementStatus>;

/** What may be done with an entitlement of each status. `deactivate` makes it a draft again. */
const COMMANDS = {
  draft: ['edit', 'activate', 'cancel', 'adjust', 'makeDefault'],
  waiting: ['deactivate', 'cancel', 'adjust', 'makeDefault'],
  active: ['deactivate', 'cancel', 'adjust', 'makeDefault'],
  expired: ['renew', 'cancel', 'adjust', 'makeDefault'],
  cancelled: ['renew'],
} as const satisfies Record<EntitlementStatus, readonly string[]>;
export type EntitlementCommand = (typeof COMMANDS)[EntitlementStatus][number];

/** The status on a day. Both the first and the last day belong to the term, and nothing has to run for it to change. */
export const statusOn = (
  { state, startsOn, endsOn }: Pick<Entitlement, 'state' | 'startsOn' | 'endsOn'>,
  day: LocalDate,
): EntitlementStatus => {
  if (state !== 'activated') return state;
  if (day < startsOn) return 'waiting';
  return day > endsOn ? 'expired' : 'active';
};

/** Why a command may not be given to an entitlement on a day, or nothing when it may. */
export const whyNotPermitted = (
  entitlement: Entitlement,
  command: EntitlementCommand,
  today: LocalDate,
): Refusal<'ENTITLEMENT_READ_ONLY' | 'TRANSITION_NOT_ALLOWED'> | undefined => {
  const status = statusOn(entitlement, today);
  const permitted: readonly EntitlementCommand[] = COMMANDS[status];
  if (permitted.includes(command)) return undefined;
  const details = { entitlementStatus: status, permitted };
  return command === 'edit'
    ? refuse('ENTITLEMENT_READ_ONLY', `The entitlement is ${status}: only a draft can be edited`, details)
    : refuse('TRANSITION_NOT_ALLOWED', `The entitlement is ${status}: ${command} is not possible`, details);
};
