import type { CaseChange, CaseFile } from '../../domain/cases/case-file.ts';
import { MAX_HOPS } from '../../domain/merge/merges.ts';
import { survivorOf } from '../../domain/merge/survivor-of.ts';
import { accept, type Decision } from '../../domain/refusal.ts';
import { DEFAULT_REOPEN_POLICY, type MessageFacts, reactToMessage } from '../../domain/reopening/reopen-policy.ts';
import type { SettingsHead } from '../../domain/settings/kinds.ts';
import type { Instant } from '../../domain/time.ts';
import { lastQueueOf, prepareReactivation } from '../cases/change-case.ts';
import { rulesOfCase } from '../cases/rules-of-case.ts';
import { saysTryAgain } from '../lost-races.ts';
import type { Services } from '../services.ts';

/** Where a message goes that is about a case which is closed, or was when it was first looked at. */
export type Destination =
  /** On a case as it stands: an active one, or a closed one that the message cannot reopen. */
  | { how: 'append'; file: CaseFile }
  /** On the case that it reopens; it is recorded on `change.after`, in one step with it. */
  | { how: 'reopen'; file: CaseFile; change: CaseChange }
  /** On a new case that goes on from `previous` (`followingUp` ties them together). */
  | { how: 'open'; previous: CaseFile; because: string }
  /** On the closed case, which stays closed; the sender is to be told so. */
  | { how: 'reject'; file: CaseFile; because: string };

/**
 * Looks up where a message belongs by the policy of its case's queue. Where the case may not be reopened, because of its
 * parent, the graph or its entitlement, the message opens another case that goes on from it; if there is one already,
 * the message is about that one. Refused only while something is just under way.
 */
export const afterClosing = async (
  services: Pick<Services, 'customers' | 'cases' | 'settings' | 'users'>,
  named: CaseFile,
  message: MessageFacts,
  { head, now }: { head: SettingsHead; now: Instant },
): Promise<Decision<Destination, 'TRY_AGAIN'>> => {
  let file = named;
  for (let hops = 0; ; hops += 1) {
    const queue = await services.settings.queues.find(await lastQueueOf(services, file, head), head);
    const policy = queue?.document.reopenPolicy ?? DEFAULT_REOPEN_POLICY;
    const reaction = reactToMessage(file.case, policy, message);
    if (reaction === 'append') return accept({ how: 'append', file });
    if (reaction === 'reject') return accept({ how: 'reject', file, because: 'reopenPolicy' });
    let because = 'reopenPolicy';
    if (reaction === 'reopen') {
      const rules = await rulesOfCase(services, head, file);
      const reactivation = await prepareReactivation(services, { file, rules, now, head });
      if (reactivation.accepted) return accept({ how: 'reopen', file, change: reactivation.value });
      if (saysTryAgain(reactivation)) return reactivation;
      because = reactivation.code;
    }
    const { followUpId } = file.case;
    const followUp = followUpId ? await services.cases.load(followUpId) : undefined;
    const next = followUp && (await survivorOf(followUp, services.cases.load));
    if (!next || hops === MAX_HOPS) return accept({ how: 'open', previous: file, because });
    file = next;
  }
};

/**
 * Ties a new case to the closed one that a message was about: of two messages that come at once only the first opens a
 * case, the other finds that.
 */
export const followingUp = (created: CaseChange, { case: previous }: CaseFile): CaseChange => ({
  ...created,
  fences: [
    ...(created.fences ?? []),
    { type: 'isFollowedUp', previousId: previous.caseId, ...(previous.followUpId && { instead: previous.followUpId }) },
  ],
});
