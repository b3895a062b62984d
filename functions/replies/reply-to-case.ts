import { inOneStep } from '../../domain/cases/in-one-step.ts';
import { accept, refuse } from '../../domain/refusal.ts';
import { queueReply, type SendReply } from '../../domain/replies/queue-reply.ts';
import type { Outcome } from '../api/api.ts';
import { editCase } from '../cases/change-case.ts';
import { type CaseRequest, type CommandServices, commandOnCase } from '../cases/command.ts';
import { findFiles, type NamedFileServices } from '../files/attachments.ts';
import type { Services } from '../services.ts';
import { addressMessage } from './address-message.ts';

type ReplyServices = CommandServices & NamedFileServices & Pick<Services, 'intake'>;

/** Replies to a case's customer: the message is recorded and stands in line to be sent. Answers the activity. */
export const replyToCase = (services: ReplyServices, request: CaseRequest<SendReply>): Promise<Outcome> =>
  commandOnCase(
    services,
    request,
    async (loaded) => {
      const { body, caller } = request;
      const { file, rules, now } = loaded;
      if (file.case.status !== 'active') return refuse('CASE_NOT_ACTIVE', `${file.case.caseNumber} is not active`);
      const files = await findFiles(services, file, body.attachmentIds);
      if (!files.accepted) return files;
      const message = await addressMessage(services, loaded, body, caller, services.ids.at(now), files.value);
      if (!message.accepted) return message;
      const replied = queueReply(file, message.value, { rules, caller, now });
      if (!replied.accepted || !body.setStatusReason) return replied;
      const moved = await editCase(
        services,
        { ...loaded, file: replied.value.after },
        { body: { statusReason: body.setStatusReason }, caller },
      );
      return moved.accepted ? accept(inOneStep(replied.value, moved.value)) : moved;
    },
    { status: 202, of: ({ activities }) => activities?.[0] },
  );
