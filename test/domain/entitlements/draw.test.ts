import { describe, expect, it } from 'vitest';
import type { Case } from '../../../domain/cases/case.ts';
import type { CaseChange, CaseFile } from '../../../domain/cases/case-file.ts';
import { type Closing, closeCase } from '../../../domain/cases/close-case.ts';
import { afterDrawsOf, balancesOf, EntitlementNotLoaded, whyExhausted } from '../../../domain/entitlements/draw.ts';
import { type Entitlement, remaining } from '../../../domain/entitlements/entitlement.ts';
import { activeCase, CASE, fileOf, NOW, PARENT, rulesOf } from '../../support/case-builders.ts';
import { entitlement } from '../../support/entitlement-builder.ts';

/** A case that holds so much of an entitlement. */
const entitled = (gold: Entitlement, entitlementDrawn?: number, caseId = CASE): CaseFile => {
  const subject: Case = { ...activeCase({ caseId, entitlementId: gold.entitlementId }), entitlementDrawn };
  return fileOf(subject, { entitlement: gold });
};
const common = { occurredAt: NOW, now: NOW, by: 'anna', cause: 'user' };
const resolved: Closing = { ...common, status: 'resolved', statusReason: 'problemSolved', resolution: 'Done' };
const cancelled = (statusReason = 'cancelled'): Closing => ({ ...common, status: 'cancelled', statusReason });
const told = ({ draws = [] }: CaseChange) => draws.map(({ movement: { kind, amount } }) => `${kind} ${amount}`);

describe('closing a case', () => {
  it.each([
    ['cancelled', cancelled(), 'cancelled 1'],
    ['merged into another', cancelled('merged'), 'merged 1'],
  ])('that is %s gives back what it took', (_, closing, movement) => {
    const change = closeCase(entitled(entitlement({ used: 1 }), 1), closing, rulesOf());
    expect(told(change)).toEqual([movement]);
    expect(change.after.case.entitlementDrawn).toBeUndefined();
    expect(remaining(change.after.entitlement!)).toBe(10);
  });

  it('that holds nothing moves nothing', () => {
    const change = closeCase(entitled(entitlement({ decrementOn: 'onResolve' })), cancelled(), rulesOf());
    expect(change.draws).toBeUndefined();
    expect(change.facts.map(({ type }) => type)).toEqual(['case.cancelled']);
  });

  it('counts the minutes of its activities when hours are taken and nothing is billed by hand', () => {
    const gold = entitlement({ allotment: 'hours', total: 600, decrementOn: 'onResolve' });
    const file = entitled(gold);
    const change = closeCase({ ...file, activities: { ...file.activities, totalMinutes: 45 } }, resolved, rulesOf());
    expect(told(change)).toEqual(['resolved -45']);
  });

  it('whose entitlement was not loaded is a fault, not a movement that is lost', () => {
    const { entitlement: _gone, ...file } = entitled(entitlement(), 1);
    expect(() => closeCase(file, cancelled(), rulesOf())).toThrow(EntitlementNotLoaded);
  });
});

describe('several cases in one transaction', () => {
  it('that each know the balance only as it was are added up', () => {
    const gold = entitlement({ used: 2 });
    const draws = [CASE, PARENT].flatMap(
      (caseId) => closeCase(entitled(gold, 1, caseId), cancelled('merged'), rulesOf()).draws ?? [],
    );
    expect(balancesOf(draws)).toEqual([{ before: gold, after: { ...gold, used: 0, usedBy: { web: -2 } } }]);
  });

  it('that take one after the other see what those before them have left', () => {
    const gold = entitlement({ decrementOn: 'onResolve', used: 9 });
    const first = closeCase(entitled(gold), resolved, rulesOf());
    expect(whyExhausted(first)).toBeUndefined();
    expect(first.facts.map(({ type }) => type)).toContain('entitlement.exhausted');
    const second = closeCase(afterDrawsOf([first], entitled(gold, undefined, PARENT)), resolved, rulesOf());
    expect(whyExhausted(second)).toMatchObject({ code: 'ENTITLEMENT_EXHAUSTED', details: { remaining: 0 } });
  });
});

describe('a balance below nothing', () => {
  it('may be given back to, also where the terms restrict', () => {
    const change = closeCase(entitled(entitlement({ used: 13 }), 1), cancelled(), rulesOf());
    expect(whyExhausted(change)).toBeUndefined();
    expect(remaining(change.after.entitlement!)).toBe(-2);
  });
});
