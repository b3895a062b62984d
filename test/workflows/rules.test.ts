import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';

// By require, because the package has no types.
const validate = createRequire(import.meta.url)('asl-validator');

const State = z.looseObject({
  Type: z.string(),
  Retry: z.array(z.looseObject({ ErrorEquals: z.array(z.string()), MaxAttempts: z.number() })).optional(),
  TimeoutSeconds: z.number().optional(),
  Choices: z.array(z.record(z.string(), z.unknown())).optional(),
});
const Machine = z.looseObject({ Comment: z.string(), States: z.record(z.string(), State) });

const workflows = readdirSync('workflows').map((name) => {
  const text = readFileSync(`workflows/${name}`, 'utf8');
  return { name, text, definition: JSON.parse(text), machine: Machine.parse(JSON.parse(text)) };
});

describe.each(workflows)('$name', ({ text, definition, machine }) => {
  const states = Object.entries(machine.States);
  const tasks = states.filter(([, { Type }]) => Type === 'Task');

  it('is a valid definition', () => {
    expect(validate(definition)).toMatchObject({ isValid: true, errors: [] });
  });

  it('says what it promises', () => {
    expect(machine.Comment).toMatch(/promises/);
  });

  it.each(tasks)('task "%s" times out', (_, task) => {
    expect(task.TimeoutSeconds).toBeGreaterThan(0);
  });

  it.each(tasks)('task "%s" tries again after what passes by itself', (_, task) => {
    expect(task.Retry?.[0]?.ErrorEquals).toEqual(
      expect.arrayContaining([
        'TooBusy',
        'ThrottlingException',
        'Lambda.ServiceException',
        'Lambda.AWSLambdaException',
        'Lambda.SdkClientException',
        'Lambda.TooManyRequestsException',
        'States.Timeout',
      ]),
    );
    expect(task.Retry?.[0]?.MaxAttempts).toBeGreaterThan(0);
  });

  it('names functions by token only', () => {
    expect(text).not.toMatch(/arn:aws:lambda:/);
  });

  it('decides nothing: choices compare one word that a function returned', () => {
    for (const choice of states.flatMap(([, { Choices }]) => Choices ?? [])) {
      expect(Object.keys(choice).sort()).toEqual(['Next', 'StringEquals', 'Variable']);
      expect(choice.Variable).toBe('$.outcome');
    }
  });
});
