import { accept, type Decision } from '../refusal.ts';
import type { LocalDate } from '../time-zone.ts';
import type { Made } from './create-entitlement.ts';
import type { Entitlement } from './entitlement.ts';
import { whyNotPermitted } from './lifecycle.ts';

const LEADS_TO = { activate: 'activated', deactivate: 'draft', cancel: 'cancelled' } as const;
export type StateChange = keyof typeof LEADS_TO;

/**
 * Decides an activation, a deactivation (a draft again, to be edited and activated anew with its balance) or a
 * cancellation. Cases keep what they have taken: only new ones are affected.
 */
export const changeState = (
  entitlement: Entitlement,
  command: StateChange,
  today: LocalDate,
  { by, now }: Made,
): Decision<Entitlement> =>
  whyNotPermitted(entitlement, command, today) ??
  accept({
    ...entitlement,
    state: LEADS_TO[command],
    modifiedOn: now,
    modifiedBy: by,
    version: entitlement.version + 1,
  });
