import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { costOf, statement, withStatement } from '../../infra/cost/cost.ts';
import { synthesised } from '../support/synthesised.ts';

const cost = (config: Parameters<typeof synthesised>[0] = {}) => {
  const { data, service } = synthesised(config);
  return costOf([data.toJSON(), service.toJSON()]);
};
const amount = ({ empty }: ReturnType<typeof cost>, of: string) => empty.find((line) => line.of === of)?.amount ?? 0;

describe('what a stage costs', () => {
  const plain = cost();

  it('is what the README says (if not: npm run cost -- --write)', () => {
    const readme = readFileSync('README.md', 'utf8');
    expect(withStatement(readme, statement(plain))).toBe(readme);
  });

  it('follows the templates: a key of one’s own and another machine client cost more', () => {
    const more = cost({ customerManagedKey: true, integrations: ['erp', 'shop'] });
    expect(amount(more, 'KMS, a key for a month') - amount(plain, 'KMS, a key for a month')).toBe(1);
    const clients = 'Cognito, a machine client for a month';
    expect(amount(more, clients) - amount(plain, clients)).toBe(1);
  });

  it('follows the templates: a canary has a case live each quarter of an hour', () => {
    const writes = 'DynamoDB on demand, a million write units';
    expect(amount(plain, writes)).toBe(0);
    expect(amount(cost({ canary: true }), writes)).toBeGreaterThan(0.5);
  });

  it('follows what was counted', () => {
    const nothing = {
      requests: 0,
      invocations: 0,
      gbSeconds: 0,
      writeUnits: 0,
      readUnits: 0,
      transitions: 0,
      events: 0,
      logBytes: 0,
      keptBytes: 0,
    };
    const { thousandCases } = costOf([], {
      idleMinute: nothing,
      case: { ...nothing, writeUnits: 200, transitions: 3 },
    });
    expect(thousandCases.map(({ usd }) => Number(usd.toFixed(4)))).toEqual([0.125, 0.075]);
  });
});
