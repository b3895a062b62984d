import { globSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { resourcesOf, synthesised } from '../support/synthesised.ts';

const { service } = synthesised({
  canary: true,
  alarmEmails: ['ops@example.com'],
  mail: { domains: ['shop.example'], receive: { ruleSet: 'all' } },
});
const alarms = ['AWS::CloudWatch::Alarm', 'AWS::CloudWatch::CompositeAlarm'].flatMap((type) =>
  resourcesOf(service, type).map(([, { Properties }]) => Properties),
);

const [introduction = '', ...sections] = readFileSync('docs/runbook.md', 'utf8').split(/^## /m);
const runbook = new Map(
  sections.map((section) => {
    const [heading = '', ...text] = section.split('\n');
    return [
      heading
        .toLowerCase()
        .replaceAll(/[^a-z0-9 -]/g, '')
        .replaceAll(' ', '-'),
      text.join('\n'),
    ];
  }),
);
const linked = (description: string): string =>
  description.match(/ Runbook: docs\/runbook\.md#([a-z0-9-]+)$/)?.[1] ?? '';

describe.each(alarms.map((alarm) => [alarm.AlarmName, alarm]))('%s', (name, alarm) => {
  it('opens with what users notice, as a sentence', () => {
    const [impact = ''] = alarm.AlarmDescription.split(' Runbook: ');
    expect(impact).toMatch(/^[A-Z][^.]+\.$/);
    expect(impact.split(' ').length).toBeGreaterThanOrEqual(6);
    expect(impact).not.toMatch(/\b(lambda|function|exception|invocation|DynamoDB|metric)\b/i);
  });

  it('has its section in the runbook', () => {
    const section = runbook.get(linked(alarm.AlarmDescription)) ?? '';
    for (const part of ['**Description.**', '**Investigation.**', '**Resolution.**']) expect(section).toContain(part);
    expect(name).toBe(`docket-test-${linked(alarm.AlarmDescription)}`);
  });

  it('tells the operators', () => {
    expect(alarm.AlarmActions).toEqual([{ Ref: expect.stringMatching(/^OperationsAlarms/) }]);
  });
});

it('the runbook has no section without an alarm, and its links lead somewhere', () => {
  expect([...runbook.keys()].sort()).toEqual(alarms.map(({ AlarmDescription }) => linked(AlarmDescription)).sort());
  for (const [, target = ''] of sections.join().matchAll(/\]\(#([^)]+)\)/g)) expect(runbook.has(target)).toBe(true);
});

it('the alarms that the runbook says were tried are those that a suite provokes', () => {
  const [, table = ''] = /\*\*Tried\.\*\*([\s\S]*?)\nThe others/.exec(introduction) ?? [];
  const tried = [...table.matchAll(/^\| (.*) \|.*\|$/gm)].flatMap(([, row = '']) =>
    [...row.matchAll(/\]\(#([a-z-]+)\)/g)].map(([, name = '']) => name),
  );
  const suites = globSync('test/alarms/*.suite.ts').map((file) => readFileSync(file, 'utf8'));
  const provoked = suites.flatMap((text) => [...text.matchAll(/becomes\('ALARM', ([^)]+)\)/g)]);
  const names = provoked.flatMap(([, args = '']) => [...args.matchAll(/'([a-z-]+)'/g)].map(([, name = '']) => name));
  expect(tried.toSorted()).toEqual([...new Set(names)].sort());
});

it('every function has an alarm on its errors', () => {
  const watched = alarms
    .filter(({ MetricName }) => MetricName === 'Errors')
    .map(({ Dimensions }) => Dimensions[0].Value.Ref);
  expect(watched.sort()).toEqual(
    resourcesOf(service, 'AWS::Lambda::Function')
      .map(([id]) => id)
      .sort(),
  );
});

it.each([
  'OverdueTimers',
  'UnroutedCases',
  'StalledCascades',
  'StalledMerges',
  'StalledHandOvers',
  'ParkedReactions',
  'UnprojectedFacts',
  'LateDeliveries',
])('the sweeper finding %s rings at once', (metric) => {
  service.hasResourceProperties('AWS::CloudWatch::Alarm', {
    Namespace: 'Docket',
    MetricName: metric,
    Dimensions: [
      { Name: 'service', Value: 'sweeper' },
      { Name: 'stage', Value: 'test' },
    ],
    Period: 60,
    EvaluationPeriods: 1,
    Threshold: 1,
    ComparisonOperator: 'GreaterThanOrEqualToThreshold',
  });
});

it('alarms that come late or for nothing ring, each stage for itself', () => {
  for (const MetricName of ['TimerLateness', 'StaleAlarms']) {
    service.hasResourceProperties('AWS::CloudWatch::Alarm', {
      Namespace: 'Docket',
      MetricName,
      Dimensions: [
        { Name: 'service', Value: 'ring' },
        { Name: 'stage', Value: 'test' },
      ],
    });
  }
});

it('both consumers ring when they are late and when they give up', () => {
  expect(alarms.filter(({ MetricName }) => MetricName === 'IteratorAge')).toHaveLength(2);
  const givenUp = alarms.filter(({ MetricName }) => MetricName === 'OnFailureDestinationDeliveredEventCount');
  expect(givenUp).toHaveLength(2);
});

it('a sweeper that is not called at all rings too', () => {
  service.hasResourceProperties('AWS::CloudWatch::Alarm', {
    MetricName: 'Invocations',
    ComparisonOperator: 'LessThanThreshold',
    TreatMissingData: 'breaching',
  });
});

it('operators with an address are written to', () => {
  service.hasResourceProperties('AWS::SNS::Subscription', { Protocol: 'email', Endpoint: 'ops@example.com' });
});

it('the SLA engine is unhealthy when any part of it is', () => {
  const [[, composite] = []] = resourcesOf(service, 'AWS::CloudWatch::CompositeAlarm');
  const rule = JSON.stringify(composite?.Properties.AlarmRule);
  for (const part of [
    'SlaTimerLateAlarm',
    'SlaTimerFailedAlarm',
    'OverdueTimersAlarm',
    'SilentAlarm',
    'ReactionsEventsLateAlarm',
  ])
    expect(rule).toContain(part);
});

it('the dashboard shows every alarm, and metrics that somebody publishes', () => {
  const [[, dashboard] = []] = resourcesOf(service, 'AWS::CloudWatch::Dashboard');
  const body = JSON.stringify(dashboard?.Properties.DashboardBody);
  for (const [id] of resourcesOf(service, 'AWS::CloudWatch::Alarm')) expect(body).toContain(`"${id}"`);
  const published = globSync('functions/**/*.ts')
    .map((file) => readFileSync(file, 'utf8'))
    .join();
  for (const [, metric = ''] of body.matchAll(/\\\\?"Docket\\\\?",\\\\?"(\w+)/g)) expect(published).toContain(metric);
});
