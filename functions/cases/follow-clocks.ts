import type { CaseChange } from '../../domain/cases/case-file.ts';
import type { SettingsHead } from '../../domain/settings/kinds.ts';
import {
  type FollowedChange,
  leavesClocks,
  withClocksFollowing,
  withClocksLeft,
} from '../../domain/sla/followed-change.ts';
import type { Instant } from '../../domain/time.ts';
import type { Services } from '../services.ts';
import { rulesOfCase } from './rules-of-case.ts';

/** A change with the clocks that follow from it, by the rules of its case, which are looked up only where that takes any. */
export const clocksFollowing = async (
  services: Pick<Services, 'settings' | 'customers'>,
  head: SettingsHead,
  change: CaseChange,
  now: Instant,
): Promise<FollowedChange> =>
  leavesClocks(change)
    ? withClocksLeft(change)
    : withClocksFollowing(change, await rulesOfCase(services, head, change.after), now);
