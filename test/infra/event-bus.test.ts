import { Match } from 'aws-cdk-lib/assertions';
import { expect, it } from 'vitest';
import { synthesised } from '../support/synthesised.ts';

const { service } = synthesised();

it('every event of the service is kept where operators can read it', () => {
  const [log] = Object.keys(
    service.findResources('AWS::Logs::LogGroup', { Properties: { LogGroupName: '/docket/test/events' } }),
  );
  service.hasResourceProperties('AWS::Events::Rule', {
    EventBusName: { Ref: Match.stringLikeRegexp('^EventBus') },
    EventPattern: { source: ['docket'] },
    // The name and not the Arn attribute, which ends in :* and is not taken as a target.
    Targets: [Match.objectLike({ Arn: { 'Fn::Join': ['', Match.arrayWith([':log-group:', { Ref: log }])] } })],
  });
});

it('the bus may write to that log and nowhere else', () => {
  service.resourceCountIs('AWS::Logs::ResourcePolicy', 1);
  const [policy] = Object.values(service.findResources('AWS::Logs::ResourcePolicy'));
  expect(JSON.stringify(policy)).toMatch(/events\.amazonaws\.com.*logs:|logs:.*events\.amazonaws\.com/);
  expect(JSON.stringify(policy)).not.toContain('"*');
});
