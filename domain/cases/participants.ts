import type { Instant } from '../time.ts';
import { type CaseChange, revised } from './case-file.ts';

/** Like any list of a case; whoever comes later is on the timeline. */
const MOST = 100;

/** Whom a message names, by addresses in small letters, takes part in its case from now on, while that is open. */
export const withParticipants = (change: CaseChange, people: readonly string[], now: Instant): CaseChange => {
  const { case: subject } = change.after;
  const { participants: old = [] } = subject;
  const known = new Set(old.map((one) => one.toLowerCase()));
  const news = people.filter((one) => !known.has(one)).slice(0, MOST - old.length);
  if (subject.status !== 'active' || news.length === 0) return change;
  const participants = [...old, ...news];
  const changes = [{ field: 'participants', ...(old.length > 0 && { old }), new: participants }];
  return {
    ...change,
    after: { ...change.after, case: { ...subject, participants, ...revised(subject, now) } },
    facts: [...change.facts, { type: 'case.updated', occurredAt: now, changes }],
  };
};
