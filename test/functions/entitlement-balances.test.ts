import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CreateEntitlement } from '../../domain/entitlements/create-entitlement.ts';
import { takenBy } from '../../domain/entitlements/draw.ts';
import { remaining, remainingOf } from '../../domain/entitlements/entitlement.ts';
import type { Outcome, Request } from '../../functions/api/api.ts';
import {
  adjustEntitlement,
  changeEntitlementState,
  createEntitlement,
} from '../../functions/entitlements/change-entitlements.ts';
import type { Services } from '../../functions/services.ts';
import { type Desk, deskOn } from '../support/desk.ts';
import { TEN_CASES } from '../support/entitlements.ts';
import { withLocalTable } from '../support/local-table.ts';

const local = withLocalTable();
const RUNS = process.env.NIGHTLY ? 1_000 : 8;
const ORIGINS = ['web', 'phone'] as const;

const requestOf = <Params, Body>(params: Params, body: Body): Request<Params, unknown, Body> => ({
  params,
  query: {},
  body,
  caller: { userId: 'sue', roles: ['agent', 'supervisor'] },
  correlationId: 'test',
});

const idOf = (outcome: Outcome): string => {
  if (!outcome.accepted) throw new Error(`${outcome.code}: ${outcome.detail}`);
  return (outcome.body as { id: string }).id;
};

const granted = async (services: Services, terms: object): Promise<string> => {
  const body = CreateEntitlement.parse({ ...TEN_CASES, customerId: 'ada', ...terms });
  const id = idOf(await createEntitlement(services, requestOf({}, body)));
  return idOf(await changeEntitlementState(services, requestOf({ id }, {}), 'activate'));
};

type Generated<Source> = Source extends fc.Arbitrary<infer Value> ? Value : never;

/** Of a few cases and two entitlements, which one does what. */
const Command = fc.record({
  what: fc.constantFrom('open', 'cancel', 'resolve', 'reactivate', 'entitle', 'leave', 'exempt', 'move', 'adjust'),
  case: fc.nat(5),
  entitlement: fc.nat(1),
  origin: fc.constantFrom(...ORIGINS),
  minutes: fc.integer({ min: 0, max: 40 }),
  isExempt: fc.nat(3).map((n) => n === 0),
});
type Command = Generated<typeof Command>;

const Terms = fc.record({
  decrementOn: fc.constantFrom('onCreate', 'onCreate', 'onResolve'),
  hours: fc.constantFrom(false, false, false, true),
  restrictByTerms: fc.constantFrom(true, true, false),
  total: fc.integer({ min: 1, max: 3 }),
  channels: fc.boolean(),
});
type Terms = Generated<typeof Terms>;

const termsOf = ({ hours, channels, ...terms }: Terms) => ({
  ...terms,
  ...(hours && { allotment: 'hours', decrementOn: 'onResolve', total: terms.total * 30 }),
  ...(channels && { channels: ORIGINS.map((origin) => ({ origin, total: hours ? 60 : 2 })) }),
});

const unlessRefused = (error: Error): undefined => {
  if (!/^(ENTITLEMENT_\w+|TRY_AGAIN):/.test(error.message)) throw error;
};

const run = async (desk: Desk, opened: string[], entitlements: readonly string[], command: Command): Promise<void> => {
  const caseId = opened[command.case % Math.max(1, opened.length)];
  const entitlementId = entitlements[command.entitlement];
  const { origin, isExempt, minutes } = command;
  if (command.what === 'open') {
    const file = await desk.open({ entitlementId, origin, doNotDecrement: isExempt }).catch(unlessRefused);
    if (file) opened.push(file.case.caseId);
    return;
  }
  if (command.what === 'adjust') {
    await adjustEntitlement(desk.all, requestOf({ id: entitlementId! }, { amount: 1 + minutes, note: 'More', origin }));
    return;
  }
  if (!caseId) return;
  await {
    cancel: () => desk.cancel(caseId),
    resolve: () => desk.resolve(caseId, { billableMinutes: minutes }),
    reactivate: () => desk.reactivate(caseId),
    entitle: () => desk.patch(caseId, { entitlementId }),
    leave: () => desk.patch(caseId, { entitlementId: null }),
    exempt: () => desk.patch(caseId, { doNotDecrement: isExempt }),
    move: () => desk.patch(caseId, { origin }),
  }[command.what]();
};

const sum = (numbers: number[]): number => numbers.reduce((total, n) => total + n, 0);

describe('whatever happens at once', () => {
  it('a balance is what was granted and all that moved it, and each case holds what it should', {
    timeout: 3_600_000,
  }, async () => {
    const desk = deskOn(local.services);
    const { entitlements, cases } = local.services;
    await desk.open();
    const history = fc.array(fc.array(Command, { minLength: 2, maxLength: 8 }), { minLength: 3, maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(Terms, Terms, history, async (one, other, waves) => {
        const ids = [await granted(desk.all, termsOf(one)), await granted(desk.all, termsOf(other))];
        const opened: string[] = [];
        for (const wave of [openings(8), ...waves]) {
          await Promise.all(wave.map((command) => run(desk, opened, ids, command)));
        }
        const files = await Promise.all(opened.map(async (caseId) => (await cases.load(caseId))!));
        const told = (await Promise.all(opened.map((caseId) => desk.events(caseId, 'entitlement.exhausted')))).flat();
        for (const id of ids) {
          const entitlement = (await entitlements.find(id))!;
          const { items: movements } = await entitlements.movements(id, { limit: 1_000 });
          expect(remaining(entitlement)).toBe(sum(movements.map(({ amount }) => amount)));
          for (const { origin, total } of entitlement.channels ?? []) {
            const ofChannel = movements.filter((movement) => movement.origin === origin);
            expect(remainingOf(entitlement, origin)).toBe(total + sum(ofChannel.map(({ amount }) => amount)));
            if (entitlement.restrictByTerms) expect(remainingOf(entitlement, origin)).toBeGreaterThanOrEqual(0);
          }
          if (entitlement.restrictByTerms) expect(remaining(entitlement)).toBeGreaterThanOrEqual(0);
          if (remaining(entitlement) <= 0) {
            const whole = told.filter(({ fact }) => 'entitlementId' in fact && fact.entitlementId === id);
            expect(whole.length).toBeGreaterThan(0);
          }
          const under = files.filter((file) => file.case.entitlementId === id).map((file) => file.case);
          for (const subject of under) expect(subject.entitlementDrawn ?? 0).toBe(takenBy(subject, entitlement));
          const byCases = movements.filter(({ caseId }) => caseId);
          expect(sum(byCases.map(({ amount }) => -amount))).toBe(sum(under.map((it) => it.entitlementDrawn ?? 0)));
        }
      }),
      { numRuns: RUNS },
    );
  });
});

const openings = (n: number): Command[] =>
  Array.from({ length: n }, (_, index) => ({
    what: 'open' as const,
    case: 0,
    entitlement: index % 2,
    origin: 'web' as const,
    minutes: 0,
    isExempt: false,
  }));
