import type { Activity } from '../../domain/activities/activity.ts';
import { afterFeedback, type Feedback } from '../../domain/replies/after-feedback.ts';
import { retryingLostRaces } from '../lost-races.ts';
import { unlessBusy } from '../reactions/faults.ts';
import type { Services } from '../services.ts';
import { commitOutgoing, findOutgoing, type NamedMessage } from './outgoing.ts';

/** Records that a message has not arrived. Answers its activity, or nothing when that was known or there is none. */
export const recordFeedback = (
  services: Pick<Services, 'cases' | 'now' | 'backOff'>,
  named: NamedMessage,
  feedback: Feedback,
): Promise<Activity | undefined> =>
  retryingLostRaces(services, async () => {
    const found = await findOutgoing(services, named);
    const decided = found && afterFeedback(found.activity, feedback, services.now());
    if (!decided) return undefined;
    await commitOutgoing(services, found.file, decided);
    return decided.activity;
  }).then(unlessBusy);
