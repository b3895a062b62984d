import { z } from 'zod';
import { Activity } from '../../domain/activities/activity.ts';
import { CaseId } from '../../domain/cases/case.ts';
import { SendReply } from '../../domain/replies/queue-reply.ts';
import { declareRoute } from '../api/route.ts';

/** The routes of messages that leave. */
export const replyRoutes = {
  reply: declareRoute({
    method: 'POST',
    path: '/v1/cases/{caseId}/replies',
    tag: 'Activities',
    summary: 'Reply to the customer',
    description: 'The message stands in line: `delivery` of the activity tells when it has left, or why it could not.',
    roles: ['agent'],
    params: z.object({ caseId: CaseId }),
    body: SendReply,
    answer: Activity,
    status: 202,
    refusals: [
      'CASE_NOT_ACTIVE',
      'CHANNEL_CANNOT_INITIATE',
      'TRANSITION_NOT_ALLOWED',
      'REASON_DISABLED',
      'PAYLOAD_TOO_LARGE',
    ],
  }),
};
