import { describe, expect, it } from 'vitest';
import { resourcesOf, synthesised } from '../support/synthesised.ts';

const { service } = synthesised();
const mappings = resourcesOf(service, 'AWS::Lambda::EventSourceMapping').map(([, { Properties }]) => Properties);

it('two functions read the stream, which is as many as DynamoDB serves', () => {
  expect(mappings.map(({ FunctionName }) => FunctionName.Ref.replace(/[0-9A-F]{8}$/, '')).sort()).toEqual([
    'ReactionsFunction',
    'RelayFunction',
  ]);
});

describe.each(mappings.map((mapping) => [mapping.FunctionName.Ref, mapping]))('%s', (_, mapping) => {
  it('is handed inserts of facts, reactions those of edits of customers too, and nothing else', () => {
    const entities = String(mapping.FunctionName.Ref).startsWith('Relay') ? ['event'] : ['event', 'following'];
    expect(mapping.FilterCriteria.Filters.map(({ Pattern }: { Pattern: string }) => JSON.parse(Pattern))).toEqual([
      { eventName: ['INSERT'], dynamodb: { NewImage: { entity: { S: entities } } } },
    ]);
  });

  it('starts with the oldest record there is', () => {
    expect(mapping.StartingPosition).toBe('TRIM_HORIZON');
  });

  it('reports single records, and splits a batch that fails whole', () => {
    expect(mapping.FunctionResponseTypes).toEqual(['ReportBatchItemFailures']);
    expect(mapping.BisectBatchOnFunctionError).toBe(true);
  });

  it('gives a record up after ten attempts and well before the stream forgets it', () => {
    expect(mapping.MaximumRetryAttempts).toBe(10);
    expect(mapping.MaximumRecordAgeInSeconds).toBeLessThanOrEqual(12 * 3600);
  });

  it('keeps what it gives up in the failure bucket', () => {
    expect(JSON.stringify(mapping.DestinationConfig.OnFailure.Destination)).toContain('FailuresBucket');
  });

  it('works on at least one batch of a shard', () => {
    expect(mapping.ParallelizationFactor).toBeGreaterThanOrEqual(1);
    expect(mapping.BatchSize).toBeGreaterThan(1);
  });
});
