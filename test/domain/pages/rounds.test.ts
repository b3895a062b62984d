import fc from 'fast-check';
import { expect, it } from 'vitest';
import { afterPage, type Rounds } from '../../../domain/pages/rounds.ts';
import { MINUTE, toInstant, toMs } from '../../../domain/time.ts';

const START = toMs('2026-03-09T09:00:00.000Z');
const at = (seconds: number) => toInstant(START + seconds * 1000);
const begun: Rounds = { page: 3, startedOn: at(0) };

it('goes on after a page that is not its round’s last, and is looked at should it stand still', () => {
  expect(afterPage(begun, { isEnd: false, isQuiet: true }, at(10))).toEqual({
    page: 4,
    turn: 'goesOn',
    lookAt: toInstant(START + 10_000 + 2 * MINUTE),
  });
});

it('is over only when a whole round has found nothing, a minute after it began at the earliest', () => {
  fc.assert(
    fc.property(fc.array(fc.record({ isQuiet: fc.boolean(), seconds: fc.nat(90) })), (rounds) => {
      let [work, now] = [begun, 0];
      for (const { isQuiet, seconds } of rounds) {
        now += seconds;
        const standing = afterPage(work, { isEnd: true, isQuiet }, at(now));
        expect(standing.page).toBe(work.page + 1);
        expect(standing.turn).toBe(isQuiet && now >= 60 ? 'over' : 'again');
        expect(standing.lookAt).toBe(standing.turn === 'over' ? undefined : at(now + 60));
        work = { ...work, page: standing.page };
      }
    }),
  );
});
