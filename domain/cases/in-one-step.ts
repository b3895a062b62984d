import type { CaseChange } from './case-file.ts';

/** Two changes of one case as a single one: `second` was decided on what `first` leaves. */
export const inOneStep = (first: CaseChange, second: CaseChange): CaseChange => ({
  before: first.before,
  after: second.after,
  facts: [...first.facts, ...second.facts],
  activities: [...(first.activities ?? []), ...(second.activities ?? [])],
  cancelledActivities: [...(first.cancelledActivities ?? []), ...(second.cancelledActivities ?? [])],
  fences: [...(first.fences ?? []), ...(second.fences ?? [])],
  links: [...(first.links ?? []), ...(second.links ?? [])],
  draws: [...(first.draws ?? []), ...(second.draws ?? [])],
});
