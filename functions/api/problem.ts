import type { APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { z } from 'zod';
import type { Refusal, RefusalCode } from '../../domain/refusal.ts';

/** Each refusal's HTTP status and title; a refusal without one does not compile. */
export const PROBLEMS: Record<RefusalCode, { status: number; title: string }> = {
  VALIDATION_FAILED: { status: 400, title: 'The request is malformed or invalid' },
  GRAPH_DEAD_END: { status: 400, title: 'Cases could get stuck in the transition graph' },
  MERGE_SELF: { status: 400, title: 'A case cannot be merged into itself' },
  MERGE_DUPLICATE: { status: 400, title: 'A case is named twice' },
  MERGE_TOO_MANY: { status: 400, title: 'Too many cases to merge' },
  CALENDAR_NEVER_OPEN: { status: 400, title: 'The calendar never opens' },
  SUBJECT_CYCLE: { status: 400, title: 'A subject cannot stand below itself' },
  SUBJECT_TOO_DEEP: { status: 400, title: 'The subject tree would be too deep' },
  UNAUTHENTICATED: { status: 401, title: 'No valid credentials' },
  SIGNATURE_INVALID: { status: 401, title: 'The signature is not the channel’s' },
  TOO_OLD: { status: 401, title: 'The message was signed too long ago' },
  FORBIDDEN: { status: 403, title: 'Your roles do not allow this' },
  NOT_A_MEMBER: { status: 403, title: 'Only members of the queue may do this' },
  NOT_FOUND: { status: 404, title: 'There is no such thing' },
  TRANSITION_NOT_ALLOWED: { status: 409, title: 'The transition graph does not allow this' },
  REASON_DISABLED: { status: 409, title: 'The status reason is disabled' },
  CASE_NOT_ACTIVE: { status: 409, title: 'The case is not active' },
  ALREADY_RESOLVED: { status: 409, title: 'The case is resolved already' },
  ALREADY_ACTIVE: { status: 409, title: 'The case is active already' },
  OPEN_ACTIVITIES: { status: 409, title: 'Activities are still open' },
  TOO_MANY_OPEN_ACTIVITIES: { status: 409, title: 'Too many activities are open' },
  CHILD_OF_CHILD: { status: 409, title: 'A child case cannot have children' },
  PARENT_AS_CHILD: { status: 409, title: 'A parent case cannot become a child' },
  ALREADY_HAS_PARENT: { status: 409, title: 'The case has a parent already' },
  CHILD_LIMIT: { status: 409, title: 'The parent has as many children as it may have' },
  PARENT_NOT_ACTIVE: { status: 409, title: 'The parent is not active' },
  PARENT_CLOSED: { status: 409, title: 'The parent is closed' },
  ACTIVE_CHILDREN: { status: 409, title: 'Child cases are still active' },
  MERGE_NOT_ACTIVE: { status: 409, title: 'Only active cases are merged' },
  MERGE_DIFFERENT_PARENTS: { status: 409, title: 'The cases have different parents' },
  MERGE_DIFFERENT_CUSTOMERS: { status: 409, title: 'The cases are of different customers' },
  MERGE_DEPTH: { status: 409, title: 'The merge would nest too deep' },
  MERGED_ELSEWHERE: { status: 409, title: 'The case has been merged into another' },
  UNMERGE_NOT_POSSIBLE: { status: 409, title: 'The case cannot be unmerged from this one' },
  ALREADY_PICKED: { status: 409, title: 'Somebody else works on the case' },
  NOT_IN_QUEUE: { status: 409, title: 'The case is not in that queue' },
  ENTITLEMENT_REQUIRED: { status: 409, title: 'A case needs a valid entitlement' },
  ENTITLEMENT_EXHAUSTED: { status: 409, title: 'The entitlement has too little left' },
  ENTITLEMENT_NOT_VALID: { status: 409, title: 'The entitlement does not cover the case' },
  ENTITLEMENT_READ_ONLY: { status: 409, title: 'Only a draft of an entitlement can be edited' },
  SELF_APPROVAL: { status: 409, title: 'Nobody approves what they have written' },
  STAGE_INCOMPLETE: { status: 409, title: 'Steps of the stage are not done' },
  CUSTOMER_ERASED: { status: 409, title: 'The customer has been erased' },
  IN_USE: { status: 409, title: 'It is still in use' },
  CHANNEL_CANNOT_INITIATE: { status: 409, title: 'The channel cannot write first' },
  MESSAGE_ID_REUSED: { status: 409, title: 'The message id was used with another body' },
  STALE_VERSION: { status: 412, title: 'The case has changed since it was read' },
  PAYLOAD_TOO_LARGE: { status: 413, title: 'The body is too large' },
  UNSUPPORTED_MEDIA_TYPE: { status: 415, title: 'The body is not JSON' },
  IDEMPOTENCY_MISMATCH: { status: 422, title: 'The Idempotency-Key was used with another body' },
  RATE_LIMITED: { status: 429, title: 'Too many messages' },
  INTERNAL: { status: 500, title: 'Something went wrong on our side' },
  TRY_AGAIN: { status: 503, title: 'Too busy just now' },
};

/** RFC 9457 problem details, as every error is answered. */
export const Problem = z
  .looseObject({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string().optional(),
    code: z.string(),
    errors: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
  })
  .meta({ id: 'Problem' });

/** A refusal as an HTTP answer. `Retry-After` comes with what passes by itself; the refusal may say after how long. */
export const problem = ({ code, detail, errors, details }: Refusal): APIGatewayProxyStructuredResultV2 => {
  const { status, title } = PROBLEMS[code];
  const retryAfter = String(details?.retryAfter ?? 1);
  const type = `urn:docket:problem:${code.toLowerCase().replaceAll('_', '-')}`;
  return {
    statusCode: status,
    headers: {
      'content-type': 'application/problem+json',
      ...([429, 503].includes(status) && { 'retry-after': retryAfter }),
    },
    body: JSON.stringify({ ...details, type, title, status, detail, code, errors }),
  };
};
