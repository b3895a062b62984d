import fc from 'fast-check';
import { MINUTE, toInstant } from '../../domain/time.ts';
import { PromisedCase } from './promised-case.ts';
import { at } from './sla-builders.ts';

const when = (field: string, value: string) => ({ field, op: 'eq' as const, value });
const item = (changed: object = {}) => ({
  id: 'normal',
  kpi: 'resolve',
  targetMinutes: 480,
  calendarId: 'london',
  ...changed,
});

/** Items of every kind, by priority, label, message and owner. */
const ITEMS = [
  item({
    id: 'urgent',
    when: when('priority', 'urgent'),
    targetMinutes: 120,
    warnings: [{ percent: 50 }, { percent: 75 }],
  }),
  item({ id: 'vip', when: when('labels', 'vip'), targetMinutes: 300, pauseWhen: when('labels', 'wait') }),
  item({ targetMinutes: 900, warnMinutes: 450 }),
  item({ id: 'answer', kpi: 'firstResponse', targetMinutes: 60 }),
  item({ id: 'next', kpi: 'nextResponse', targetMinutes: 60 }),
  item({ id: 'owned', kpi: 'owned', targetMinutes: 200, success: { field: 'ownerId', op: 'exists' } }),
];
type Step = (file: PromisedCase, when: string) => PromisedCase;
const steps: fc.Arbitrary<Step> = fc.oneof(
  fc.constantFrom('low', 'urgent').map(
    (priority): Step =>
      (file, now) =>
        file.patch(now, { priority: priority as 'low' }),
  ),
  fc.subarray(['vip', 'wait']).map(
    (labels): Step =>
      (file, now) =>
        file.patch(now, { labels }),
  ),
  fc.constantFrom('inProgress', 'onHold', 'waitingForDetails').map(
    (statusReason): Step =>
      (file, now) =>
        file.file.case.statusReason === statusReason ? file : file.patch(now, { statusReason }),
  ),
  fc.constantFrom<'inbound' | 'outbound'>('inbound', 'outbound').map(
    (direction): Step =>
      (file, now) =>
        file.record(now, direction),
  ),
  fc.constant<Step>((file, now) => file.assign(now, 'anna')),
  fc.constant<Step>((file, now) => file.resolve(now).reactivate(now)),
);

/** What is done to a case, minutes apart, under settings of its organisation. */
export const histories = fc.record({
  told: fc.array(fc.tuple(fc.integer({ min: 0, max: 400 }), steps), { maxLength: 12 }),
  settings: fc.record({ recalculateOnTerminal: fc.boolean() }),
});
type History = typeof histories extends fc.Arbitrary<infer Value> ? Value : never;

/** The case after its opening and after each thing that is done to it, with when. */
export const lives = ({ told, settings }: History): { subject: PromisedCase; now: string }[] => {
  let ms = Date.parse(at('2026-03-09 09:00'));
  const all = [{ subject: PromisedCase.open(toInstant(ms), ITEMS, {}, { settings }), now: toInstant(ms) }];
  for (const [gap, step] of told) {
    ms += gap * MINUTE;
    const now = toInstant(ms);
    all.push({ subject: step(all.at(-1)!.subject, now), now });
  }
  return all;
};
