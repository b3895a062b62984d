import { describe, expect, it } from 'vitest';
import {
  BUILT_IN_REASONS,
  DEFAULT_STATUS_MODEL,
  permittedTransitions,
  type StatusReason,
  statusModelOf,
} from '../../../domain/cases/status-reasons.ts';
import { deadEnds } from '../../../domain/statuses/dead-ends.ts';
import { type StatusSettings, saveReason } from '../../../domain/statuses/save-reason.ts';
import { saveTransitions } from '../../../domain/statuses/save-transitions.ts';

const fresh: StatusSettings = { reasons: BUILT_IN_REASONS };
const reason = (fields: Partial<StatusReason> = {}): StatusReason => ({
  status: 'active',
  label: 'Awaiting parts',
  isOnHold: false,
  enabled: true,
  ...fields,
});
const built = (id: string, fields: Partial<StatusReason> = {}): [string, StatusReason] => [
  id,
  { ...BUILT_IN_REASONS[id]!, ...fields },
];
/** What a decision refuses, and where; or the warnings of an accepted one. */
const told = (decision: ReturnType<typeof saveReason>): unknown =>
  decision.accepted ? decision.value : [decision.code, decision.errors?.[0]?.path].filter(Boolean).join(' ');

describe('a status reason', () => {
  it.each<[string, [string, StatusReason], unknown]>([
    ['of the organisation’s own may be added', ['awaitingParts', reason()], []],
    ['may be given another label', built('researching', { label: 'Digging' }), []],
    ['keeps its status', built('researching', { status: 'resolved' }), 'VALIDATION_FAILED status'],
    ['in which new cases start stays enabled', built('inProgress', { enabled: false }), 'VALIDATION_FAILED enabled'],
    ['in which new cases start holds no clocks', built('inProgress', { isOnHold: true }), 'VALIDATION_FAILED isOnHold'],
    ['of merged cases stays enabled', built('merged', { enabled: false }), 'VALIDATION_FAILED enabled'],
    [
      'that closes a case holds no clocks',
      ['sold', reason({ status: 'resolved', isOnHold: true })],
      'VALIDATION_FAILED isOnHold',
    ],
    [
      'that closes a case waits for no reply',
      ['sold', reason({ status: 'resolved', onCustomerReply: 'inProgress' })],
      'VALIDATION_FAILED onCustomerReply',
    ],
    [
      'moves a case that is replied to to a known reason',
      ['awaitingParts', reason({ onCustomerReply: 'nowhere' })],
      'VALIDATION_FAILED onCustomerReply',
    ],
    [
      'moves it to an active reason',
      ['awaitingParts', reason({ onCustomerReply: 'cancelled' })],
      'VALIDATION_FAILED onCustomerReply',
    ],
    [
      'moves it to another reason',
      ['awaitingParts', reason({ onCustomerReply: 'awaitingParts' })],
      'VALIDATION_FAILED onCustomerReply',
    ],
    ['may be disabled when others of its status are left', built('problemSolved', { enabled: false }), []],
    [
      'of cancelled cases is not made up for by the one of merged cases',
      built('cancelled', { enabled: false }),
      'VALIDATION_FAILED enabled',
    ],
  ])('%s', (_, [id, saved], then) => {
    expect(told(saveReason(id, saved, fresh))).toEqual(then);
  });

  it('to which a customer’s message moves cases cannot be disabled', () => {
    const reasons = { ...BUILT_IN_REASONS, parts: reason({ onCustomerReply: 'researching' }) };
    expect(told(saveReason(...built('researching', { enabled: false }), { reasons }))).toBe('IN_USE');
  });

  it('may have any name that is no other thing’s', () => {
    expect(permittedTransitions(DEFAULT_STATUS_MODEL, 'inProgress')).not.toContain('constructor');
    const model = statusModelOf({ ...BUILT_IN_REASONS, constructor: reason() }, { enabled: true, allow: {} });
    expect(permittedTransitions(model, 'constructor')).toEqual([]);
    expect(DEFAULT_STATUS_MODEL.reasons.constructor).toBeUndefined();
  });

  it('is warned of when there are more than twenty, or when nothing leads to it', () => {
    const many = Object.fromEntries(Array.from({ length: 13 }, (_, n) => [`r${n}`, reason()]));
    const full = saveReason('r12', reason(), { reasons: { ...BUILT_IN_REASONS, ...many } });
    expect(full).toMatchObject({ accepted: true, value: [expect.stringContaining('21 reasons are enabled')] });
    const drawn = DEFAULT_STATUS_MODEL.transitions;
    const unreached = saveReason('sold', reason({ status: 'resolved' }), { reasons: BUILT_IN_REASONS, drawn });
    expect(unreached).toMatchObject({ accepted: true, value: ['No reason leads to sold.'] });
  });
});

describe('the graph that a fresh service has', () => {
  it('lets an active case go anywhere, a closed one only back, and a merged one nowhere', () => {
    expect(permittedTransitions(DEFAULT_STATUS_MODEL, 'inProgress')).toEqual([
      'onHold',
      'waitingForDetails',
      'researching',
      'problemSolved',
      'informationProvided',
      'cancelled',
      'merged',
    ]);
    expect(permittedTransitions(DEFAULT_STATUS_MODEL, 'problemSolved')).toEqual(['inProgress']);
    expect(permittedTransitions(DEFAULT_STATUS_MODEL, 'cancelled')).toEqual(['inProgress']);
    expect(permittedTransitions(DEFAULT_STATUS_MODEL, 'merged')).toEqual([]);
  });

  it('takes in reasons that are added', () => {
    const model = statusModelOf({ ...BUILT_IN_REASONS, parts: reason() });
    expect(permittedTransitions(model, 'onHold')).toContain('parts');
    expect(permittedTransitions(model, 'parts')).toContain('problemSolved');
  });

  it('may be switched off: then every move that there is is allowed', () => {
    const model = statusModelOf(BUILT_IN_REASONS, { enabled: false, allow: { inProgress: [] } });
    expect(permittedTransitions(model, 'inProgress')).toHaveLength(7);
    expect(permittedTransitions(model, 'cancelled')).toEqual(['inProgress']);
    expect(permittedTransitions(model, 'merged')).toEqual([]);
  });
});

describe('a graph of one’s own', () => {
  const allow = {
    inProgress: ['researching'],
    researching: ['problemSolved'],
    onHold: ['inProgress'],
    waitingForDetails: ['inProgress'],
  };

  it('needs a way from every enabled active reason to a closed one, however long', () => {
    expect(deadEnds(statusModelOf(BUILT_IN_REASONS, { enabled: true, allow }))).toEqual([]);
    const stuck = saveTransitions({ enabled: true, allow: { ...allow, researching: ['onHold'] } }, BUILT_IN_REASONS);
    expect(stuck).toMatchObject({
      code: 'GRAPH_DEAD_END',
      details: { reasons: ['inProgress', 'onHold', 'waitingForDetails', 'researching'] },
    });
  });

  it('is looked at again when a reason is disabled, and when one is added', () => {
    const drawn = { enabled: true, allow };
    const disabled = saveReason(...built('problemSolved', { enabled: false }), { reasons: BUILT_IN_REASONS, drawn });
    expect(told(disabled)).toBe('GRAPH_DEAD_END');
    expect(told(saveReason('parts', reason(), { reasons: BUILT_IN_REASONS, drawn }))).toBe('GRAPH_DEAD_END');
    expect(saveReason('parts', reason({ enabled: false }), { reasons: BUILT_IN_REASONS, drawn }).accepted).toBe(true);
  });

  it('leads to no reason that does not exist, and nowhere from a merged case', () => {
    expect(saveTransitions({ enabled: false, allow: { inProgress: ['nowhere'] } }, BUILT_IN_REASONS)).toMatchObject({
      errors: [{ path: 'allow.inProgress' }],
    });
    expect(saveTransitions({ enabled: false, allow: { nowhere: [] } }, BUILT_IN_REASONS)).toMatchObject({
      errors: [{ path: 'allow.nowhere' }],
    });
    expect(saveTransitions({ enabled: false, allow: { merged: ['inProgress'] } }, BUILT_IN_REASONS)).toMatchObject({
      errors: [{ path: 'allow.merged' }],
    });
  });

  it('may be kept unfinished while it is off', () => {
    expect(saveTransitions({ enabled: false, allow: {} }, BUILT_IN_REASONS).accepted).toBe(true);
  });

  it('is warned about where a customer’s message goes a way that it does not list', () => {
    const drawn = saveTransitions(
      {
        enabled: true,
        allow: {
          ...allow,
          inProgress: ['researching', 'onHold', 'waitingForDetails', 'informationProvided', 'cancelled', 'merged'],
          waitingForDetails: ['cancelled'],
        },
      },
      BUILT_IN_REASONS,
    );
    expect(drawn).toMatchObject({
      accepted: true,
      value: [expect.stringContaining('from waitingForDetails to inProgress')],
    });
  });
});
