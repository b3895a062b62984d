import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { readCloudApp } from '../../../infra/local/template.ts';

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true });
});

const assembly = (stacks: Record<string, object>) => {
  const folder = mkdtempSync(join(tmpdir(), 'assembly-'));
  folders.push(folder);
  const artifacts = Object.fromEntries(
    Object.keys(stacks).map((name) => [
      name,
      { type: 'aws:cloudformation:stack', properties: { templateFile: `${name}.json` } },
    ]),
  );
  writeFileSync(join(folder, 'manifest.json'), JSON.stringify({ artifacts }));
  for (const [name, template] of Object.entries(stacks))
    writeFileSync(join(folder, `${name}.json`), JSON.stringify(template));
  return readCloudApp(folder);
};
/** The properties of one log group, which may hold anything. */
const resolved = (properties: object, rest: object = {}) =>
  assembly({ One: { Resources: { Log: { Type: 'AWS::Logs::LogGroup', Properties: properties } }, ...rest } }).ofType(
    'AWS::Logs::LogGroup',
  )[0]?.properties;

describe('a template', () => {
  it('gives names and ARNs to its resources', () => {
    const app = assembly({
      One: {
        Resources: {
          Table: { Type: 'AWS::DynamoDB::GlobalTable', Properties: {} },
          Bus: {
            Type: 'AWS::Events::EventBus',
            Properties: { Name: { 'Fn::Join': ['-', ['bus', { Ref: 'AWS::StackName' }]] } },
          },
          Drop: { Type: 'AWS::S3::Bucket', Properties: {} },
        },
      },
    });
    expect(app.ofType('AWS::DynamoDB::GlobalTable')[0]).toMatchObject({
      name: 'One-Table',
      arn: 'arn:aws:dynamodb:eu-west-1:000000000000:table/One-Table',
    });
    expect(app.ofType('AWS::Events::EventBus')[0]?.name).toBe('bus-One');
    expect(app.ofType('AWS::S3::Bucket')[0]?.name).toBe('one-drop');
  });

  it('joins, splits, selects, substitutes and drops what has no value', () => {
    expect(
      resolved(
        {
          joined: { 'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, ':', { Ref: 'AWS::Region' }]] },
          picked: { 'Fn::Select': [1, { 'Fn::Split': ['/', { 'Fn::GetAtt': ['Log', 'Arn'] }] }] },
          // biome-ignore lint/suspicious/noTemplateCurlyInString: CloudFormation's own placeholders
          substituted: { 'Fn::Sub': ['${A}-${Log.Arn}-${!B}', { A: { Ref: 'Given' } }] },
          gone: { Ref: 'AWS::NoValue' },
          list: [1, { Ref: 'AWS::NoValue' }],
        },
        { Parameters: { Given: { Type: 'String', Default: 'given' } } },
      ),
    ).toEqual({
      joined: 'arn:aws:eu-west-1',
      picked: undefined,
      // biome-ignore lint/suspicious/noTemplateCurlyInString: CloudFormation's own placeholders
      substituted: 'given-arn:aws:logs:eu-west-1:000000000000:log-group:One-Log:*-${B}',
      list: [1],
    });
  });

  it('evaluates conditions', () => {
    const rest = {
      Conditions: {
        Here: {
          'Fn::And': [{ 'Fn::Equals': [{ Ref: 'AWS::Region' }, 'eu-west-1'] }, { 'Fn::Not': [{ Condition: 'There' }] }],
        },
        There: { 'Fn::Equals': ['a', 'b'] },
      },
    };
    expect(resolved({ a: { 'Fn::If': ['Here', 1, 2] }, b: { 'Fn::If': ['There', 1, 2] } }, rest)).toEqual({
      a: 1,
      b: 2,
    });
  });

  it('imports what another stack exports', () => {
    const app = assembly({
      Data: {
        Resources: { Table: { Type: 'AWS::DynamoDB::GlobalTable', Properties: {} } },
        Outputs: { Out: { Value: { Ref: 'Table' }, Export: { Name: 'Data:Table' } } },
      },
      Service: {
        Resources: { Log: { Type: 'AWS::Logs::LogGroup', Properties: { of: { 'Fn::ImportValue': 'Data:Table' } } } },
      },
    });
    expect(app.ofType('AWS::Logs::LogGroup')[0]?.properties).toEqual({ of: 'Data-Table' });
  });

  it.each([
    [
      { Resources: { Db: { Type: 'AWS::RDS::DBInstance' } } },
      /neither runs nor knowingly ignores AWS::RDS::DBInstance/,
    ],
    [
      { Resources: { Log: { Type: 'AWS::Logs::LogGroup', Properties: { a: { 'Fn::FindInMap': [] } } } } },
      /Fn::FindInMap/,
    ],
    [
      { Resources: { Log: { Type: 'AWS::Logs::LogGroup', Properties: { a: { Ref: 'Nobody' } } } } },
      /nothing is called Nobody/,
    ],
    [
      { Resources: { Log: { Type: 'AWS::Logs::LogGroup', Properties: { a: { 'Fn::GetAtt': ['Log', 'Size'] } } } } },
      /attribute Size of Log/,
    ],
  ])('%j is refused in one sentence', (template, sentence) => {
    expect(() => assembly({ One: template }).ofType('AWS::Logs::LogGroup')[0]?.properties).toThrow(sentence);
  });
});
