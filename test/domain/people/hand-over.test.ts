import { describe, expect, it } from 'vitest';
import { startHandOver, stopHandOver, withNewRound, withPage } from '../../../domain/people/hand-over.ts';
import { returnCase } from '../../../domain/people/return-case.ts';
import { activeCase, fileOf, queued } from '../../support/case-builders.ts';

const ID = '0196b3a0-0000-4000-8000-00000000000a';
const at = (minutes: number) => `2026-03-09T12:${String(minutes).padStart(2, '0')}:00.000Z`;
const started = startHandOver(ID, 'root', at(0));

describe('a hand-over', () => {
  it('counts page by page, and says when to look whether it stands still', () => {
    const one = withPage(started, { returned: 25, failed: 0, cursor: 'k25' }, at(0));
    expect(one).toMatchObject({ state: 'running', page: 1, returned: 25, cursor: 'k25', lookAt: at(2) });
    const two = withPage(one, { returned: 3, failed: 1 }, at(1));
    expect(two).toMatchObject({ state: 'completed', page: 2, returned: 28, failed: 1, lookAt: at(2) });
    expect(two.cursor).toBeUndefined();
  });

  it('goes round again until a round late enough finds nothing', () => {
    const first = withPage(started, { returned: 0, failed: 0 }, at(0));
    expect(first.lookAt).toBe(at(1));
    const second = withPage(withNewRound(first, at(1)), { returned: 2, failed: 0 }, at(1));
    expect(second).toMatchObject({ state: 'completed', returned: 2, lookAt: at(2) });
    const third = withPage(withNewRound(second, at(2)), { returned: 0, failed: 1 }, at(2));
    expect(third).toMatchObject({ failed: 1, lookAt: at(3) });
    const last = withPage(withNewRound(third, at(3)), { returned: 0, failed: 0 }, at(3));
    expect(last).toMatchObject({ state: 'completed', returned: 2, failed: 0 });
    expect(last.lookAt).toBeUndefined();
  });

  it('stops when the user comes back, and a page that was under way finds it moved', () => {
    const one = withPage(started, { returned: 25, failed: 0, cursor: 'k25' }, at(0));
    expect(stopHandOver(one)).toMatchObject({ state: 'stopped', page: 2, returned: 25 });
    expect(stopHandOver(withPage(one, { returned: 1, failed: 0 }, at(1)))).toMatchObject({ state: 'completed' });
    expect(stopHandOver(one).lookAt).toBeUndefined();
  });
});

describe('a case of somebody who has left', () => {
  const owned = activeCase({ ownerId: 'jan' });

  it.each([
    ['where it stands', queued({ queueId: 'desk', workedBy: 'jan' }), { state: 'queued', queueId: 'desk' }],
    ['to the queue that is named when it stands in none', undefined, { state: 'queued', queueId: 'fallback' }],
    ['to the same when it had left the queues', queued({ state: 'left', queueId: undefined }), { queueId: 'fallback' }],
    [
      'on waiting for the rules',
      queued({ state: 'awaitingRouting', queueId: undefined }),
      { state: 'awaitingRouting' },
    ],
  ])('goes %s, and is nobody’s', (_, placement, then) => {
    const change = returnCase(fileOf(owned, { placement }), 'jan', 'fallback', at(0));
    expect(change?.after.case.ownerId).toBeUndefined();
    expect(change?.after.case.version).toBe(owned.version + 1);
    expect(change?.after.placement).toMatchObject(then);
    expect(change?.after.placement?.workedBy).toBeUndefined();
    expect(change?.facts).toMatchObject([{ type: 'case.released' }]);
  });

  it('stays when it is somebody else’s by now', () => {
    expect(returnCase(fileOf(activeCase({ ownerId: 'anna' })), 'jan', 'fallback', at(0))).toBeUndefined();
  });
});
