import type { Caller } from '../cases/case-file.ts';
import { isSupervisor } from '../queues/access.ts';
import { accept, type Decision, invalid, refuse } from '../refusal.ts';
import type { Instant } from '../time.ts';
import type { Article, ArticleChange, ArticleState, ArticleVersion } from './article.ts';

/** Which state each state of a version leads to. An edit leads to a new draft from anywhere. */
const next: Record<ArticleState, ArticleState | undefined> = {
  draft: 'submitted',
  submitted: 'approved',
  approved: 'published',
  published: undefined,
};

type Step = 'submitted' | 'approved' | 'published';

/**
 * Decides a step of the last version's way: its author submits it, somebody else who is a supervisor approves it, and a
 * supervisor publishes it in place of the version that was published until now.
 */
export const reviewArticle = (
  article: Article,
  last: ArticleVersion,
  to: Step,
  { caller, now }: { caller: Caller; now: Instant },
): Decision<ArticleChange> => {
  if (to === 'approved' && article.authors.includes(caller.userId)) {
    return refuse('SELF_APPROVAL', 'Somebody who has not written in it must approve it');
  }
  if (next[article.state] !== to) {
    const permitted = next[article.state] ? [next[article.state]] : [];
    return refuse('TRANSITION_NOT_ALLOWED', `Version ${article.version} is ${article.state}`, { permitted });
  }
  if (to === 'submitted' && last.body.trim() === '') return invalid('body', 'is empty');
  if (to !== 'submitted' && !isSupervisor(caller)) return refuse('FORBIDDEN', `Only supervisors say that it is ${to}`);
  const version: ArticleVersion = { ...last, state: to, [to]: { by: caller.userId, on: now } };
  const after: Article = {
    ...article,
    state: to,
    ...(to === 'published' && { published: article.latest }),
    modifiedOn: now,
  };
  return accept({ before: article, after, version });
};
