import { describe, expect, it } from 'vitest';
import { placeSubject, type Subject, subjectPath } from '../../../domain/settings/subject.ts';

/** `child<parent`, in any order. */
const tree = (...nodes: string[]): Map<string, Subject> =>
  new Map(
    nodes.map((node) => {
      const [id = '', parentId] = node.split('<');
      return [id, { name: id, enabled: true, ...(parentId && { parentId }) }];
    }),
  );
const placing = (id: string, parentId: string | undefined, ...nodes: string[]) => {
  const decision = placeSubject(id, { name: id, enabled: true, parentId }, tree(...nodes));
  return decision.accepted ? 'accepted' : decision.code;
};

describe('a subject', () => {
  it.each([
    ['at the root', 'a', undefined, [], 'accepted'],
    ['below another', 'b', 'a', ['a'], 'accepted'],
    ['below one that does not exist', 'b', 'a', [], 'VALIDATION_FAILED'],
    ['below itself', 'a', 'a', ['a'], 'SUBJECT_CYCLE'],
    ['below its child', 'a', 'b', ['a', 'b<a'], 'SUBJECT_CYCLE'],
    ['below its grandchild', 'a', 'c', ['a', 'b<a', 'c<b'], 'SUBJECT_CYCLE'],
    ['as the fifth level', 'e', 'd', ['a', 'b<a', 'c<b', 'd<c'], 'accepted'],
    ['as the sixth level', 'f', 'e', ['a', 'b<a', 'c<b', 'd<c', 'e<d'], 'SUBJECT_TOO_DEEP'],
    ['with a branch that still fits', 'x', 'b', ['a', 'b<a', 'x', 'y<x', 'z<y'], 'accepted'],
    ['with a branch that no longer fits', 'x', 'c', ['a', 'b<a', 'c<b', 'x', 'y<x', 'z<y'], 'SUBJECT_TOO_DEEP'],
    ['elsewhere, with its branch', 'b', 'x', ['a', 'b<a', 'c<b', 'x'], 'accepted'],
  ] as [string, string, string | undefined, string[], string][])('%s', (_, id, parentId, nodes, outcome) => {
    expect(placing(id, parentId, ...nodes)).toBe(outcome);
  });

  it('names the field that is wrong', () => {
    expect(placeSubject('b', { name: 'b', enabled: true, parentId: 'a' }, tree())).toMatchObject({
      errors: [{ path: 'parentId' }],
    });
  });
});

describe('the path of a subject', () => {
  const path = (id: string, ...nodes: string[]) => subjectPath(id, async (one) => tree(...nodes).get(one));

  it('leads from the root down to it', async () => {
    expect(await path('c', 'a', 'b<a', 'c<b')).toEqual(['a', 'b', 'c']);
    expect(await path('a', 'a')).toEqual(['a']);
  });

  it('is none where it or something above it does not exist', async () => {
    expect(await path('x', 'a')).toBeUndefined();
    expect(await path('c', 'b<a', 'c<b')).toBeUndefined();
  });

  it('ends even in a circle', async () => {
    expect((await path('a', 'a<b', 'b<a'))?.length).toBe(5);
  });
});
