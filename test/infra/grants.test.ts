import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { secretHeadKey, secretVersionKey } from '../../functions/table/keys.ts';
import { resourcesOf, synthesised } from '../support/synthesised.ts';

const { data, service } = synthesised({
  canary: true,
  mail: { domains: ['shop.example'], receive: { ruleSet: 'all' } },
});

const list = <T extends z.ZodType>(item: T) => z.union([z.array(item), item.transform((one) => [one])]);
const Statement = z.object({
  Effect: z.enum(['Allow', 'Deny']),
  Action: list(z.string()),
  Resource: list(z.unknown()).transform((all) => all.map(written)),
  Condition: z.unknown().optional(),
});

/** A resource as it reads in an ARN, with the logical id of what is referred to in its place. */
function written(resource: unknown): string {
  if (typeof resource === 'string') return resource;
  const [[intrinsic, value] = []] = Object.entries(z.record(z.string(), z.any()).parse(resource));
  switch (intrinsic) {
    case 'Ref':
      return value;
    case 'Fn::GetAtt':
      return value[0];
    case 'Fn::ImportValue':
      return value.replace(/^.*:ExportsOutput(FnGetAtt|Ref)/, '');
    case 'Fn::Join':
      return value[1].map(written).join('');
    case 'Fn::Select':
      return written(value[1]['Fn::Split'][1]);
    default:
      throw new Error(`a resource is made by ${intrinsic}, which this test cannot read`);
  }
}

const all = resourcesOf(service, 'AWS::IAM::Policy').flatMap(([, { Properties }]) =>
  z
    .array(Statement)
    .parse(Properties.PolicyDocument.Statement)
    .map((statement) => ({ ...statement, role: z.string().parse(Properties.Roles[0].Ref) })),
);

const statements = all.filter(({ Effect }) => Effect === 'Allow');
const denials = all.filter(({ Effect }) => Effect === 'Deny');

const functions = resourcesOf(service, 'AWS::Lambda::Function').map(([, { Properties }]) => ({
  name: z.string().parse(Properties.Environment.Variables.POWERTOOLS_SERVICE_NAME),
  role: z.string().parse(Properties.Role['Fn::GetAtt'][0]),
}));

const actionsOf = (name: string): string[] => {
  const role = functions.find((one) => one.name === name)?.role;
  return statements
    .filter((statement) => statement.role === role)
    .flatMap(({ Action }) => Action)
    .sort();
};

const dynamodb = (...actions: string[]) => actions.map((action) => `dynamodb:${action}`);
/** What every function may: write its own log, and traces. */
const own = ['logs:CreateLogStream', 'logs:PutLogEvents', 'xray:PutTraceSegments', 'xray:PutTelemetryRecords'];
const everyWrite = dynamodb('PutItem', 'UpdateItem', 'DeleteItem', 'ConditionCheckItem');
const ownStream = dynamodb('DescribeStream', 'GetRecords', 'GetShardIterator', 'ListStreams');
const giveUp = ['s3:PutObject', 's3:ListBucket'];
const timers = ['states:StartExecution', 'states:StopExecution'];

describe('each function may do what it does and nothing else', () => {
  const expected: Record<string, string[]> = {
    'cases-api': [...dynamodb('GetItem', 'BatchGetItem', 'Query'), ...everyWrite, 's3:GetObject', 's3:PutObject'],
    canary: [...dynamodb('GetItem', 'BatchGetItem', 'Query'), ...everyWrite, 'states:DescribeExecution'],
    'channels-api': [...dynamodb('GetItem', 'Query'), ...everyWrite, 's3:GetObject', 's3:PutObject'],
    courier: [
      ...dynamodb('GetItem', 'Query', 'PutItem', 'UpdateItem', 'ConditionCheckItem'),
      's3:GetObject',
      'ses:SendEmail',
      'ses:SendRawEmail',
    ],
    'customers-api': [...dynamodb('GetItem', 'BatchGetItem', 'Query'), ...everyWrite, 's3:DeleteObject'],
    'people-api': [...dynamodb('GetItem', 'Query'), ...everyWrite],
    'entitlements-api': dynamodb('GetItem', 'Query', 'PutItem', 'UpdateItem', 'ConditionCheckItem'),
    'articles-api': dynamodb('GetItem', 'Query', 'PutItem', 'UpdateItem', 'DeleteItem'),
    'portability-api': [...dynamodb('GetItem', 'BatchGetItem', 'Query'), ...everyWrite],
    inbound: [...dynamodb('GetItem', 'Query'), ...everyWrite, 's3:PutObject'],
    'mail-receiver': [...dynamodb('GetItem', 'Query'), ...everyWrite, ...giveUp, 's3:GetObject'],
    'mail-feedback': [...dynamodb('GetItem', 'Query', 'PutItem', 'UpdateItem', 'ConditionCheckItem'), ...giveUp],
    'queues-api': [...dynamodb('GetItem', 'BatchGetItem', 'Query'), ...everyWrite],
    'reports-api': [...dynamodb('GetItem', 'Query'), ...everyWrite],
    'search-api': dynamodb('GetItem', 'BatchGetItem', 'Query'),
    'routing-api': dynamodb('GetItem', 'Query'),
    'settings-api': [...dynamodb('GetItem', 'Query'), ...everyWrite],
    'sla-api': [],
    'docs-api': [],
    reactions: [
      ...dynamodb('GetItem', 'BatchGetItem', 'Query'),
      ...everyWrite,
      ...ownStream,
      ...giveUp,
      ...timers,
      's3:DeleteObject',
    ],
    'redrive-api': [
      ...dynamodb('GetItem', 'Query', 'PutItem', 'UpdateItem'),
      's3:ListBucket',
      's3:GetObject',
      's3:DeleteObject',
      'lambda:InvokeFunction',
    ],
    relay: [
      ...dynamodb('GetItem', 'BatchGetItem', 'Query'),
      ...everyWrite,
      ...ownStream,
      ...giveUp,
      'events:PutEvents',
    ],
    ring: dynamodb('GetItem', 'Query', 'PutItem', 'UpdateItem', 'ConditionCheckItem'),
    sweeper: [
      ...dynamodb('GetItem', 'BatchGetItem', 'Query'),
      ...everyWrite,
      ...timers,
      'events:PutEvents',
      's3:DeleteObject',
    ],
    'webhooks-api': [...dynamodb('GetItem', 'Query', 'PutItem', 'UpdateItem', 'DeleteItem'), 'events:PutEvents'],
    'webhook-sender': [...dynamodb('GetItem', 'Query', 'PutItem', 'UpdateItem'), 'events:PutEvents'],
  };

  it('knows every function', () => {
    expect(functions.map(({ name }) => name).sort()).toEqual(Object.keys(expected).sort());
  });

  it.each(Object.entries(expected))('%s', (name, actions) => {
    expect(actionsOf(name)).toEqual([...actions, ...own].sort());
  });
});

describe('grants are narrow', () => {
  it('name every action in full, and never Scan', () => {
    const actions = statements.flatMap(({ Action }) => Action);
    expect(actions.filter((action) => action.includes('*'))).toEqual([]);
    expect(actions).not.toContain('dynamodb:Scan');
  });

  it('use no managed policy', () => {
    const managed = resourcesOf(service, 'AWS::IAM::Role').filter(([, { Properties }]) => Properties.ManagedPolicyArns);
    expect(managed).toEqual([]);
  });

  it('reach all resources only for traces and for delivering the workflow log, which AWS cannot narrow', () => {
    const everywhere = statements
      .filter(({ Resource }) => Resource.includes('*'))
      .filter(({ Action }) => !Action.every((action) => action.startsWith('xray:')));
    expect(everywhere.map(({ role }) => role)).toEqual([expect.stringMatching(/^SlaTimerMachineRole/)]);
    expect(everywhere.flatMap(({ Action }) => Action).filter((action) => !/^(logs|xray):/.test(action))).toEqual([]);
  });

  it('end in a wildcard only below a thing of our own: indexes, given-up records, files, mails, executions of the timer', () => {
    const wild = statements.flatMap(({ Resource }) => Resource).filter((resource) => /.\*/.test(resource));
    const justified = [
      /^Table\w+\/index\/\*$/,
      /^FailuresBucket\w+(\/aws\/lambda)?\/\*$/,
      /^AttachmentsBucket\w+\/attachments\/\*$/,
      /^ReceivedMailBucket\w+\/received\/\*$/,
      /:execution:SlaTimerMachine\w+:\*$/,
    ];
    expect(wild.filter((resource) => !justified.some((pattern) => pattern.test(resource)))).toEqual([]);
  });

  it('touch one table, one bus, one state machine, and the buckets for files, mail and failures', () => {
    const targets = (service: string) =>
      new Set(
        statements
          .filter(({ Action }) => Action.some((action) => action.startsWith(`${service}:`)))
          .flatMap(({ Resource }) => Resource)
          .map(
            (resource) =>
              resource.match(
                /(Table|EventBus|SlaTimerMachine|FailuresBucket|AttachmentsBucket|ReceivedMailBucket)[0-9A-F]{8}/,
              )?.[1],
          ),
      );
    expect(targets('dynamodb')).toEqual(new Set(['Table']));
    expect(targets('events')).toEqual(new Set(['EventBus']));
    expect(targets('states')).toEqual(new Set(['SlaTimerMachine']));
    expect(targets('s3')).toEqual(new Set(['FailuresBucket', 'AttachmentsBucket', 'ReceivedMailBucket']));
  });

  it('send mail as the mailboxes of the stage, and as nobody else', () => {
    const mail = statements.filter(({ Action }) => Action.some((action) => action.startsWith('ses:')));
    expect(mail).toMatchObject([
      {
        Resource: [
          expect.stringMatching(/:ses:.*:configuration-set\/docket-test$/),
          expect.stringMatching(/:ses:.*:identity\/shop\.example$/),
        ],
        Condition: { StringLike: { 'ses:FromAddress': ['*@shop.example'] } },
      },
    ]);
  });

  it('let the state machine call Ring, the redrive call who failed, and nobody else anybody', () => {
    const invoked = statements.filter(({ Action }) => Action.includes('lambda:InvokeFunction'));
    const called = invoked.flatMap(({ role, Resource }) =>
      Resource.map((resource) => `${role.replace(/Role.*/, '')} ${resource.replace(/Function.*/, '')}`),
    );
    expect([...new Set(called)].sort()).toEqual([
      'RedriveApi MailInReceiver',
      'RedriveApi MailOutFeedback',
      'RedriveApi Reactions',
      'RedriveApi Relay',
      'RedriveApi Sweeper',
      'SlaTimerMachine SlaTimerRing',
    ]);
  });

  it('are none in the stack that keeps', () => {
    data.resourceCountIs('AWS::IAM::Role', 0);
  });
});

describe('secrets', () => {
  /** Whose secrets a function may read, being one that uses them. */
  const users: Record<string, string[]> = { 'webhook-sender': ['webhook'], inbound: ['channel'], courier: ['channel'] };

  it.each(functions.map(({ name, role }) => [name, role]))('%s reads none but those that it uses', (name, role) => {
    const mine = denials.filter((denial) => denial.role === role);
    expect(mine).toEqual([
      {
        Effect: 'Deny',
        Action: dynamodb('BatchGetItem', 'GetItem', 'Query', 'Scan'),
        Resource: [expect.stringMatching(/^Table\w+$/)],
        Condition: {
          'ForAnyValue:StringLike': {
            'dynamodb:LeadingKeys': ['webhook', 'channel']
              .filter((kind) => !users[name]?.includes(kind))
              .map((kind) => `SECRET#${kind}#*`),
          },
        },
        role,
      },
    ]);
  });

  it('have keys that begin as the roles are told', () => {
    expect(secretVersionKey({ kind: 'webhook', id: 'erp' }, 1).PK).toBe('SECRET#webhook#erp');
    expect(secretVersionKey({ kind: 'channel', id: 'mail' }, 1).PK).toBe('SECRET#channel#mail');
    expect(secretHeadKey({ kind: 'channel', id: 'mail' }).PK).not.toMatch(/^SECRET#/);
  });
});
