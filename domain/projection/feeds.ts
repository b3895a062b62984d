import type { Fact } from '../facts/fact.ts';
import { isReported } from '../reports/story.ts';
import { changesTerms } from '../search/case-terms.ts';

/** Whether what a fact says is also kept in a read model, which then has to follow it. */
export const feedsReadModels = (fact: Fact): boolean => changesTerms(fact) || isReported(fact);
