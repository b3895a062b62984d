import type { Case, CaseFields } from '../../domain/cases/case.ts';
import type { Versioned } from '../../domain/cases/case-file.ts';
import { caseLookup } from '../../domain/cases/case-lookup.ts';
import type { Verdict } from '../../domain/conditions/condition.ts';
import type { Customer } from '../../domain/customers/customer.ts';
import { teamIdOf } from '../../domain/people/owner.ts';
import { haveAll, skillsOf } from '../../domain/people/skills.ts';
import { DEFAULT_QUEUE_ID } from '../../domain/queues/queue.ts';
import { chooseTarget as choose, type RoutingChoice } from '../../domain/routing/choose-target.ts';
import type { RoutingRule, RoutingRuleSet } from '../../domain/routing/rule-set.ts';
import type { SettingsHead } from '../../domain/settings/kinds.ts';
import { teamsOf } from '../people/memberships.ts';
import { ownerOf } from '../people/owners.ts';
import type { Services } from '../services.ts';

export type RoutingServices = Pick<Services, 'settings' | 'users'>;

/** What rules look at: the case, or what is to become one, its customer, and whether it is a parent at work. */
export interface Routable {
  case: Partial<Case> | Partial<CaseFields>;
  customer?: Partial<Customer>;
  activeChildren?: number;
}

/**
 * Where a rule set sends a case. A target queue that is gone meanwhile is replaced by the default queue; an owner's case
 * stands in their default queue, if they have one.
 */
export const chooseTarget = async (
  services: RoutingServices,
  head: SettingsHead,
  ruleSet: Versioned<RoutingRuleSet> | undefined,
  routable: Routable,
): Promise<RoutingChoice> => {
  const lookup = caseLookup(routable.case, routable.customer);
  const choice = await choose(ruleSet, lookup, (rule) => canTake(services, head, rule, routable));
  const { target } = choice;
  if (target.ownerId) {
    const owner = await ownerOf(services, head, target.ownerId);
    return owner?.defaultQueueId ? { ...choice, target: { ...target, queueId: owner.defaultQueueId } } : choice;
  }
  if (!target.queueId || (await services.settings.queues.find(target.queueId, head))) return choice;
  const because = `${target.because}; the queue ${target.queueId} is gone`;
  return { ...choice, target: { ...target, queueId: DEFAULT_QUEUE_ID, because } };
};

const canTake = async (
  services: RoutingServices,
  head: SettingsHead,
  rule: RoutingRule,
  { activeChildren = 0 }: Routable,
): Promise<Verdict> => {
  if ('spam' in rule) {
    return activeChildren === 0
      ? { matched: true, because: '' }
      : { matched: false, because: `it has ${activeChildren} active children and so is no spam` };
  }
  const required = rule.requiredSkills ?? [];
  if ('ownerId' in rule && !(await ownerOf(services, head, rule.ownerId))) {
    return { matched: false, because: `there is no active user or team ${rule.ownerId}` };
  }
  if (required.length === 0) return { matched: true, because: '' };
  const target = 'ownerId' in rule ? rule.ownerId : `queue ${rule.queueId}`;
  const holder = await holderOf(services, head, rule, required);
  return holder
    ? { matched: true, because: `${holder} has the skills ${required.join(', ')}` }
    : { matched: false, because: `nobody of ${target} has the skills ${required.join(', ')}` };
};

/** Who has all of the skills: the owner, the team, or the first one found among the members. */
const holderOf = async (
  services: RoutingServices,
  head: SettingsHead,
  rule: Exclude<RoutingRule, { spam: true }>,
  required: readonly string[],
): Promise<string | undefined> => {
  if ('ownerId' in rule) return firstHolder(services, head, [rule.ownerId], required);
  const queue = await services.settings.queues.find(rule.queueId, head);
  if (!queue) return undefined;
  const { ownerId, members } = queue.document;
  return firstHolder(services, head, [...(ownerId ? [ownerId] : []), ...members], required);
};

/** People are looked up this many at a time; what a process has looked up it knows until somebody changes a user. */
const CHUNK = 25;

const firstHolder = async (
  services: RoutingServices,
  head: SettingsHead,
  owners: readonly string[],
  required: readonly string[],
): Promise<string | undefined> => {
  const people = new Set<string>();
  for (const ownerId of owners) {
    const teamId = teamIdOf(ownerId);
    const team = teamId && (await services.settings.teams.find(teamId, head));
    if (team && haveAll(new Set(team.document.skills), required)) return ownerId;
    for (const userId of team ? team.document.members : teamId ? [] : [ownerId]) people.add(userId);
  }
  const left = [...people];
  while (left.length > 0) {
    const chunk = left.splice(0, CHUNK);
    const capable = await Promise.all(chunk.map((userId) => has(services, head, userId, required)));
    const found = chunk.find((_, n) => capable[n]);
    if (found) return found;
  }
  return undefined;
};

const has = async (
  services: RoutingServices,
  head: SettingsHead,
  userId: string,
  required: readonly string[],
): Promise<boolean> => {
  const [user, teams] = await Promise.all([services.users.known(userId, head), teamsOf(services, userId, head)]);
  if (!user?.active) return false;
  return haveAll(
    skillsOf(
      user,
      teams.map(({ document }) => document),
    ),
    required,
  );
};
