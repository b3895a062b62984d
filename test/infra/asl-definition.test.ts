import { expect, it } from 'vitest';
import { aslDefinition } from '../../infra/constructs/asl-definition.ts';

const file = 'workflows/sla-timer.asl.json';

it('hands out the workflow as it is written when every token has a value', () => {
  expect(aslDefinition(file, { RingFunctionArn: 'arn' })).toMatch(/\$\{RingFunctionArn\}/);
});

it('refuses a workflow with a token that nothing is substituted for', () => {
  expect(() => aslDefinition(file, {})).toThrow(/RingFunctionArn/);
});

it('refuses a value that the workflow has no token for', () => {
  expect(() => aslDefinition(file, { RingFunctionArn: 'arn', TableName: 'docket' })).toThrow(/TableName/);
});
