import type { Activity, ActivitySummary } from '../../domain/activities/activity.ts';
import type { Case, Resolution } from '../../domain/cases/case.ts';
import type { Hold } from '../../domain/cases/hold.ts';
import type { CaseEvent } from '../../domain/facts/fact.ts';
import type { ChildLink, Family } from '../../domain/hierarchy/family.ts';
import type { CaseLink } from '../../domain/links/link.ts';
import type { Merges } from '../../domain/merge/merges.ts';
import { feedsReadModels } from '../../domain/projection/feeds.ts';
import type { Placement } from '../../domain/queues/queue.ts';
import type { KpiInstance } from '../../domain/sla/kpi-instance.ts';
import type { Instant } from '../../domain/time.ts';
import {
  activityIndexes,
  activitySummaryKey,
  caseIndexes,
  caseKey,
  childLinkKey,
  eventIndexes,
  familyIndexes,
  familyKey,
  holdIndexes,
  holdKey,
  kpiIndexes,
  kpiKey,
  linkKey,
  mergesIndexes,
  mergesKey,
  placementIndexes,
  placementKey,
  projectionIndexes,
  resolutionKey,
  timelineKey,
} from './keys.ts';
import { EVENT_ENTITY } from './schema.ts';
import type { Item } from './transaction.ts';

/** How each thing of a case is stored: its key, what it is, its own attributes, and the indexes that it is in. */
export const caseItem = (subject: Case): Item => ({
  ...caseKey(subject.caseId),
  entity: 'case',
  ...subject,
  ...caseIndexes(subject),
});

export const placementItem = (placement: Placement): Item => ({
  ...placementKey(placement.caseId),
  entity: 'placement',
  ...placement,
  ...placementIndexes(placement),
});

/** Without its counters: they change by addition only, never to what somebody has read. */
export const familyItem = ({ caseId, cascade }: Pick<Family, 'caseId' | 'cascade'>): Item => ({
  ...familyKey(caseId),
  entity: 'family',
  caseId,
  cascade,
  ...familyIndexes({ caseId, cascade }),
});

/** Without the count of moves, which changes by addition only. */
export const mergesItem = ({ caseId, received, depth, away }: Omit<Merges, 'moves'>): Item => ({
  ...mergesKey(caseId),
  entity: 'merges',
  caseId,
  received,
  depth,
  away,
  ...mergesIndexes({ caseId, away }),
});

export const activitySummaryItem = (summary: ActivitySummary): Item => ({
  ...activitySummaryKey(summary.caseId),
  entity: 'activities',
  ...summary,
});

export const kpiItem = (instance: KpiInstance, now: Instant): Item => ({
  ...kpiKey(instance.caseId, instance.kpi, instance.generation),
  entity: 'kpi',
  ...instance,
  ...kpiIndexes(instance, now),
});

export const holdItem = (hold: Hold): Item => ({
  ...holdKey(hold.caseId),
  entity: 'hold',
  ...hold,
  ...holdIndexes(hold),
});

export const childLinkItem = (link: ChildLink): Item => ({
  ...childLinkKey(link.parentId, link.childId),
  entity: 'child',
  ...link,
});

export const linkItem = (link: CaseLink): Item => ({
  ...linkKey(link.caseId, link.otherId, link.kind),
  entity: 'link',
  ...link,
});

export const activityItem = (activity: Activity): Item => ({
  ...timelineKey(activity.caseId, activity.activityId),
  entity: 'activity',
  ...activity,
  ...activityIndexes(activity),
});

export const eventItem = (event: CaseEvent): Item => ({
  ...timelineKey(event.caseId, event.eventId),
  ...event,
  entity: EVENT_ENTITY,
  ...(feedsReadModels(event.fact) && projectionIndexes(event.caseId, event.at)),
  ...eventIndexes(event),
});

export const resolutionItem = (caseId: string, n: number, resolution: Resolution): Item => ({
  ...resolutionKey(caseId, n),
  entity: 'resolution',
  ...resolution,
});
