import { describe, expect, it } from 'vitest';
import { type ApiRoute, claimStrings, matchRoute } from '../../../infra/local/http-api.ts';

const route = (key: string): ApiRoute => {
  const [method = '', path = ''] = key.split(' ');
  return { key, method, segments: path.split('/').filter(Boolean), functionArn: key, rules: undefined, scopes: [] };
};
const routes = [
  '$default',
  'ANY /v1/{proxy+}',
  'ANY /v1/cases/{proxy+}',
  'ANY /v1/cases',
  'GET /v1/cases',
  'GET /v1/cases/{caseId}',
  'GET /v1/cases/mine',
  'GET /health',
].map(route);

describe('a request', () => {
  it.each([
    ['GET', '/v1/cases', 'GET /v1/cases', {}],
    ['POST', '/v1/cases', 'ANY /v1/cases', {}],
    ['GET', '/v1/cases/', 'GET /v1/cases', {}],
    ['GET', '/v1/cases/mine', 'GET /v1/cases/mine', {}],
    ['GET', '/v1/cases/a%20b', 'GET /v1/cases/{caseId}', { caseId: 'a b' }],
    ['POST', '/v1/cases/1/resolve', 'ANY /v1/cases/{proxy+}', { proxy: '1/resolve' }],
    ['GET', '/v1/other', 'ANY /v1/{proxy+}', { proxy: 'other' }],
    ['POST', '/health', '$default', {}],
    ['GET', '/v1', '$default', {}],
  ])('%s %s goes to %s', (method, path, key, parameters) => {
    expect(matchRoute(routes, method, path)).toMatchObject({ route: { key }, parameters });
  });

  it('goes nowhere where no route is its own', () => {
    expect(matchRoute([route('GET /health')], 'GET', '/')).toBeUndefined();
  });
});

it('gives every claim as a string, and lists as the gateway writes them', () => {
  expect(claimStrings({ sub: 'u', exp: 12, 'cognito:groups': ['agent', 'supervisor'], admin: true })).toEqual({
    sub: 'u',
    exp: '12',
    'cognito:groups': '[agent supervisor]',
    admin: 'true',
  });
});
