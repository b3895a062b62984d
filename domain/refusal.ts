/**
 * Every word by which Docket refuses a command; `functions/api/problem.ts` gives each its HTTP status. Callers program
 * against these words, so none is ever renamed.
 */
export type RefusalCode =
  | 'VALIDATION_FAILED'
  | 'GRAPH_DEAD_END'
  | 'MERGE_SELF'
  | 'MERGE_DUPLICATE'
  | 'MERGE_TOO_MANY'
  | 'CALENDAR_NEVER_OPEN'
  | 'SUBJECT_CYCLE'
  | 'SUBJECT_TOO_DEEP'
  | 'UNAUTHENTICATED'
  | 'SIGNATURE_INVALID'
  | 'TOO_OLD'
  | 'FORBIDDEN'
  | 'NOT_A_MEMBER'
  | 'NOT_FOUND'
  | 'TRANSITION_NOT_ALLOWED'
  | 'REASON_DISABLED'
  | 'CASE_NOT_ACTIVE'
  | 'ALREADY_RESOLVED'
  | 'ALREADY_ACTIVE'
  | 'OPEN_ACTIVITIES'
  | 'TOO_MANY_OPEN_ACTIVITIES'
  | 'CHILD_OF_CHILD'
  | 'PARENT_AS_CHILD'
  | 'ALREADY_HAS_PARENT'
  | 'CHILD_LIMIT'
  | 'PARENT_NOT_ACTIVE'
  | 'PARENT_CLOSED'
  | 'ACTIVE_CHILDREN'
  | 'MERGE_NOT_ACTIVE'
  | 'MERGE_DIFFERENT_PARENTS'
  | 'MERGE_DIFFERENT_CUSTOMERS'
  | 'MERGE_DEPTH'
  | 'MERGED_ELSEWHERE'
  | 'UNMERGE_NOT_POSSIBLE'
  | 'ALREADY_PICKED'
  | 'NOT_IN_QUEUE'
  | 'ENTITLEMENT_REQUIRED'
  | 'ENTITLEMENT_EXHAUSTED'
  | 'ENTITLEMENT_NOT_VALID'
  | 'ENTITLEMENT_READ_ONLY'
  | 'CUSTOMER_ERASED'
  | 'IN_USE'
  | 'CHANNEL_CANNOT_INITIATE'
  | 'MESSAGE_ID_REUSED'
  | 'STAGE_INCOMPLETE'
  | 'SELF_APPROVAL'
  | 'STALE_VERSION'
  | 'PAYLOAD_TOO_LARGE'
  | 'UNSUPPORTED_MEDIA_TYPE'
  | 'IDEMPOTENCY_MISMATCH'
  | 'RATE_LIMITED'
  | 'TRY_AGAIN'
  | 'INTERNAL';

/** Where in a request something is wrong, and what. */
export interface FieldError {
  path: string;
  message: string;
}

/** A command that a rule refuses: a value, never an exception. `details` are members of the problem document. */
export interface Refusal<Code extends RefusalCode = RefusalCode> {
  accepted: false;
  code: Code;
  detail?: string;
  errors?: FieldError[];
  details?: Record<string, unknown>;
}

/** A command that the rules let through, with what it leads to. */
export interface Accepted<Value> {
  accepted: true;
  value: Value;
}

/** What every decision returns. */
export type Decision<Value, Code extends RefusalCode = RefusalCode> = Accepted<Value> | Refusal<Code>;

/** Accepts with `value`. */
export const accept = <Value>(value: Value): Accepted<Value> => ({ accepted: true, value });

/** Refuses with a code, a sentence for people, and members for programs. */
export const refuse = <Code extends RefusalCode>(
  code: Code,
  detail?: string,
  details?: Record<string, unknown>,
): Refusal<Code> => ({ accepted: false, code, ...(detail && { detail }), ...(details && { details }) });

/** Refuses a body or query whose `path` names something that cannot be used. */
export const invalid = (path: string, message: string): Refusal<'VALIDATION_FAILED'> => invalidAt([{ path, message }]);

/** The same where several things are wrong. */
export const invalidAt = (errors: FieldError[]): Refusal<'VALIDATION_FAILED'> => ({
  accepted: false,
  code: 'VALIDATION_FAILED',
  detail: errors.map(({ path, message }) => `${path}: ${message}`).join('; '),
  errors,
});
