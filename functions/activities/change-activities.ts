import type { Activity } from '../../domain/activities/activity.ts';
import { type AddActivity, addActivity as decideAdd } from '../../domain/activities/add-activity.ts';
import { editActivity as decideEdit, type EditActivity } from '../../domain/activities/edit-activity.ts';
import type { CaseChange, CaseFile } from '../../domain/cases/case-file.ts';
import { type Refusal, refuse } from '../../domain/refusal.ts';
import type { Outcome, Request } from '../api/api.ts';
import { type CaseRequest, type CommandServices, commandOnCase } from '../cases/command.ts';

const theActivity = ({ activities }: CaseChange): Activity | undefined => activities?.[0];

/**
 * Records an activity on a case; answers the activity. What an integration records on a case that was merged lands on
 * the survivor, since it cannot know; a person is told where the case has gone.
 */
export const addActivity = (services: CommandServices, request: CaseRequest<AddActivity>): Promise<Outcome> =>
  commandOnCase(
    services,
    request,
    ({ file, rules, now }) => {
      const activityId = services.ids.at(request.body.occurredAt ?? now);
      return decideAdd(file, request.body, { activityId, rules, caller: request.caller, now });
    },
    {
      status: 201,
      of: theActivity,
      onMerged: request.caller.roles.includes('integration') ? 'follow' : 'refuse',
    },
  );

/** An activity that its case lists as open may still be with the case that a merge moves it from. */
const whyNotHere = ({ activities }: CaseFile, activityId: string): Refusal =>
  activities.open.some((one) => one.activityId === activityId && one.at)
    ? refuse('TRY_AGAIN', `A merge is still moving the activity ${activityId}`)
    : refuse('NOT_FOUND', `There is no activity ${activityId}`);

/** Edits an activity; answers the activity. */
export const editActivity = async (
  services: CommandServices,
  request: Request<{ caseId: string; activityId: string }, unknown, EditActivity>,
): Promise<Outcome> => {
  const { caseId, activityId } = request.params;
  let before: Activity | undefined;
  return commandOnCase(
    services,
    request,
    async ({ file, rules, now }) => {
      before = await services.cases.activity(caseId, activityId);
      if (!before) return whyNotHere(file, activityId);
      return decideEdit(file, before, request.body, { rules, caller: request.caller, now });
    },
    { of: (change) => theActivity(change) ?? before },
  );
};
