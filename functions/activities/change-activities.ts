import { Activity } from '../../domain/activities/activity.ts';
import { type AddActivity, addActivity as decideAdd } from '../../domain/activities/add-activity.ts';
import { editActivity as decideEdit, type EditActivity } from '../../domain/activities/edit-activity.ts';
import type { CaseChange, CaseFile } from '../../domain/cases/case-file.ts';
import { accept, type Refusal, refuse } from '../../domain/refusal.ts';
import type { Outcome, Request } from '../api/api.ts';
import { type CaseRequest, type CommandServices, commandOnCase } from '../cases/command.ts';
import type { CreateServices } from '../cases/create-case.ts';
import { findFiles, type NamedFileServices } from '../files/attachments.ts';
import { Landing, recordInbound, reopens } from '../reopening/record-inbound.ts';

const theActivity = ({ activities }: CaseChange): Activity | undefined => activities?.[0];

/** An activity as it was recorded, and where, if its case was closed. */
export const RecordedActivity = Activity.extend({ landing: Landing.optional() }).meta({ id: 'RecordedActivity' });

/**
 * Records an activity on a case; answers the activity. A customer's message on a closed case may reopen it, or open
 * another. What an integration records on a case that was merged lands on the survivor, since it cannot know; a person
 * is told where the case has gone.
 */
export const addActivity = (
  services: CreateServices & NamedFileServices,
  request: CaseRequest<AddActivity>,
): Promise<Outcome> => {
  const { body, caller } = request;
  let landing: Landing | undefined;
  return commandOnCase(
    services,
    request,
    async (loaded) => {
      landing = undefined;
      const { file, rules, now } = loaded;
      const activityId = services.ids.at(body.occurredAt ?? now);
      const files = await findFiles(services, file, body.attachmentIds);
      if (!files.accepted) return files;
      const attached = { activityId, caller, files: files.value };
      if (!reopens(file, body)) return decideAdd(file, body, { ...attached, rules, now });
      const landed = await recordInbound(services, loaded, body, attached);
      if (!landed.accepted) return landed;
      landing = landed.value.landing;
      return accept(landed.value.change);
    },
    {
      status: 201,
      of: (change) => ({ ...theActivity(change), ...(landing && { landing }) }),
      onMerged: caller.roles.includes('integration') ? 'follow' : 'refuse',
      causeOf: () => (landing && landing.outcome !== 'appended' ? MESSAGE_CAUSE : undefined),
    },
  );
};

/** The cause of what a customer's message leads to by itself. */
const MESSAGE_CAUSE = 'message';

/** An activity that its case lists as open may still be with the case that a merge moves it from. */
export const whyNotHere = ({ activities }: CaseFile, activityId: string): Refusal =>
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
