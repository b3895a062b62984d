import { describe, expect, it } from 'vitest';
import { autoRelease } from '../../../domain/queues/auto-release.ts';
import { Queue } from '../../../domain/queues/queue.ts';
import { activeCase, fileOf, queued } from '../../support/case-builders.ts';

const desk = (fields: object = {}) => Queue.parse({ name: 'Desk', visibility: 'public', ...fields });
const PICKED = '2026-03-09T12:00:00.000Z';
const DUE = '2026-03-09T12:30:00.000Z';

const deciding = (given: {
  placement?: Parameters<typeof queued>[0];
  queue?: object;
  touchedAt?: string;
  onHold?: boolean;
  now?: string;
}) =>
  autoRelease(
    fileOf(activeCase({ ownerId: 'anna' }), {
      placement: queued({ queueId: 'desk', workedBy: 'anna', workedSince: PICKED, releaseAt: DUE, ...given.placement }),
    }),
    {
      at: { queueId: 'desk', queue: desk(given.queue ?? { autoReleaseMinutes: 30, ownerId: 'dora' }) },
      touchedAt: given.touchedAt ?? PICKED,
      onHold: given.onHold ?? false,
      now: given.now ?? DUE,
    },
  );

describe('a picked case whose time has come', () => {
  it('is released to the queue’s owner when nobody touched it', () => {
    const change = deciding({});
    expect(change?.facts).toMatchObject([{ type: 'case.released', queueId: 'desk' }]);
    expect(change?.after.case.ownerId).toBe('dora');
    expect(change?.after.placement).toEqual(queued({ queueId: 'desk', revision: 2 }));
  });

  it.each([
    ['it was touched', { touchedAt: '2026-03-09T12:10:00.000Z' }, '2026-03-09T12:40:00.000Z'],
    ['it is on hold', { onHold: true }, '2026-03-09T13:00:00.000Z'],
    ['the queue is more patient by now', { queue: { autoReleaseMinutes: 45 } }, '2026-03-09T12:45:00.000Z'],
    ['the queue does not ask for it any more', { queue: {} }, undefined],
  ])('is put off when %s, and nothing has happened to it', (_, given, releaseAt) => {
    const change = deciding(given);
    expect(change?.facts).toEqual([]);
    expect(change?.after.case).toBe(change?.before?.case);
    expect(change?.after.placement).toMatchObject({ workedBy: 'anna', workedSince: PICKED, revision: 2 });
    expect(change?.after.placement?.releaseAt).toBe(releaseAt);
  });

  it.each([
    ['it is early', { now: '2026-03-09T12:29:59.999Z' }],
    ['nobody works on it', { placement: { workedBy: undefined } }],
    ['it has left the queue', { placement: { state: 'left' as const } }],
    ['it has no time', { placement: { releaseAt: undefined } }],
  ])('is left as it is when %s', (_, given) => {
    expect(deciding(given)).toBeUndefined();
  });
});
