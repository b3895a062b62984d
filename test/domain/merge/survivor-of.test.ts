import { expect, it } from 'vitest';
import { survivorOf } from '../../../domain/merge/survivor-of.ts';
import { activeCase, cancelledCase, fileOf } from '../../support/case-builders.ts';

const idOf = (n: number): string => `0196b3a0-0000-7000-8000-${String(n).padStart(12, '0')}`;

/** Case 0 merged into 1, that one into 2 and so on; the last one is active. */
const chainOf = (hops: number) =>
  Array.from({ length: hops + 1 }, (_, n) =>
    fileOf(
      n < hops
        ? cancelledCase({ caseId: idOf(n), statusReason: 'merged', mergedInto: idOf(n + 1) })
        : activeCase({ caseId: idOf(n) }),
    ),
  );

const endOf = async (hops: number) => {
  const chain = chainOf(hops);
  const end = await survivorOf(chain[0]!, async (caseId) => chain.find((file) => file.case.caseId === caseId));
  return end && chain.indexOf(end);
};

it('a case that was not merged is its own survivor', async () => {
  expect(await endOf(0)).toBe(0);
});

it.each([1, 2, 10])('the survivor is found over %i merges', async (hops) => {
  expect(await endOf(hops)).toBe(hops);
});

it('a longer chain has no survivor, and one that leads nowhere has none', async () => {
  expect(await endOf(11)).toBeUndefined();
  expect(await survivorOf(chainOf(2)[0]!, async () => undefined)).toBeUndefined();
});
