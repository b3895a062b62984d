import { readFileSync } from 'node:fs';
import { join, resolve as resolvePath } from 'node:path';
import { z } from 'zod';
import { HostProblem, messageOf } from './host-problem.ts';

/** Where everything pretends to run. */
export const REGION = 'eu-west-1';
export const ACCOUNT = '000000000000';

/** A resource of the synthesized templates with a physical name and no intrinsic left in its properties. */
export interface Resource {
  readonly id: string;
  readonly stack: string;
  readonly type: string;
  readonly name: string;
  readonly arn: string;
  /** Resolved when asked for, since properties of ignored types may use what the host does not know. */
  readonly properties: unknown;
}

/** What would be deployed: every resource of every stack of a cloud assembly. */
export interface CloudApp {
  ofType(type: string): readonly Resource[];
  /** Where the file or folder lies that CloudFormation would find under this key of the assets bucket. */
  asset(key: string): string;
}

interface Kind {
  /** The property that may give the physical name. */
  readonly named?: string;
  /** What Fn::GetAtt answers beside Arn; `Ref` where a reference does not give the name. */
  readonly attributes: (name: string) => Record<string, string>;
  readonly nameOf?: (fallback: string) => string;
}

const arn = (service: string, resource: string) => `arn:aws:${service}:${REGION}:${ACCOUNT}:${resource}`;

/** What the host runs. Everything else must be in IGNORED. */
const KINDS: Record<string, Kind> = {
  'AWS::ApiGatewayV2::Api': {
    attributes: (name) => ({
      Arn: `arn:aws:apigateway:${REGION}::/apis/${name}`,
      ApiEndpoint: `https://${name}.execute-api.${REGION}.amazonaws.com`,
    }),
  },
  'AWS::ApiGatewayV2::Authorizer': { attributes: () => ({}) },
  'AWS::ApiGatewayV2::Integration': { attributes: () => ({}) },
  'AWS::ApiGatewayV2::Route': { attributes: () => ({}) },
  'AWS::ApiGatewayV2::Stage': { attributes: () => ({}) },
  'AWS::CloudWatch::Alarm': {
    named: 'AlarmName',
    attributes: (name) => ({ Arn: arn('cloudwatch', `alarm:${name}`) }),
  },
  'AWS::CloudWatch::CompositeAlarm': {
    named: 'AlarmName',
    attributes: (name) => ({ Arn: arn('cloudwatch', `alarm:${name}`) }),
  },
  'AWS::Cognito::UserPool': {
    nameOf: (fallback) => `${REGION}_${fallback.replaceAll('-', '')}`,
    attributes: (name) => ({
      Arn: arn('cognito-idp', `userpool/${name}`),
      ProviderName: `cognito-idp.${REGION}.amazonaws.com/${name}`,
      ProviderURL: `https://cognito-idp.${REGION}.amazonaws.com/${name}`,
      UserPoolId: name,
    }),
  },
  'AWS::Cognito::UserPoolClient': {
    nameOf: (fallback) => fallback.toLowerCase(),
    attributes: (name) => ({ ClientId: name }),
  },
  'AWS::DynamoDB::GlobalTable': {
    named: 'TableName',
    attributes: (name) => ({
      Arn: arn('dynamodb', `table/${name}`),
      StreamArn: arn('dynamodb', `table/${name}/stream/2026-01-01T00:00:00.000`),
    }),
  },
  'AWS::Events::EventBus': {
    named: 'Name',
    attributes: (name) => ({ Arn: arn('events', `event-bus/${name}`), Name: name }),
  },
  'AWS::Events::Rule': { named: 'Name', attributes: (name) => ({ Arn: arn('events', `rule/${name}`) }) },
  'AWS::Lambda::EventInvokeConfig': { attributes: () => ({}) },
  'AWS::Lambda::EventSourceMapping': { attributes: () => ({}) },
  'AWS::Lambda::Function': {
    named: 'FunctionName',
    attributes: (name) => ({ Arn: arn('lambda', `function:${name}`) }),
  },
  'AWS::Logs::LogGroup': { named: 'LogGroupName', attributes: (name) => ({ Arn: arn('logs', `log-group:${name}:*`) }) },
  'AWS::S3::Bucket': {
    named: 'BucketName',
    nameOf: (fallback) => fallback.toLowerCase().slice(0, 63),
    attributes: (name) => ({
      Arn: `arn:aws:s3:::${name}`,
      DomainName: `${name}.s3.amazonaws.com`,
      RegionalDomainName: `${name}.s3.${REGION}.amazonaws.com`,
    }),
  },
  'AWS::SES::ConfigurationSet': { named: 'Name', attributes: () => ({}) },
  'AWS::SES::ConfigurationSetEventDestination': { attributes: () => ({}) },
  'AWS::SES::ReceiptRule': { attributes: () => ({}) },
  'AWS::SNS::Topic': {
    named: 'TopicName',
    attributes: (name) => ({ Arn: arn('sns', name), Ref: arn('sns', name), TopicName: name }),
  },
  'AWS::SQS::Queue': {
    named: 'QueueName',
    attributes: (name) => ({
      Arn: arn('sqs', name),
      QueueName: name,
      Ref: `https://sqs.${REGION}.amazonaws.com/${ACCOUNT}/${name}`,
    }),
  },
  'AWS::StepFunctions::StateMachine': {
    named: 'StateMachineName',
    attributes: (name) => ({
      Arn: arn('states', `stateMachine:${name}`),
      Ref: arn('states', `stateMachine:${name}`),
      Name: name,
    }),
  },
};

/** What a deployment needs and a local run does not: permissions, dashboards and the like. Nothing is run for these. */
const IGNORED = new Set([
  'AWS::CDK::Metadata',
  'AWS::CloudWatch::Dashboard',
  'AWS::Cognito::UserPoolDomain',
  'AWS::Cognito::UserPoolGroup',
  'AWS::Cognito::UserPoolResourceServer',
  'AWS::IAM::ManagedPolicy',
  'AWS::IAM::Policy',
  'AWS::IAM::Role',
  'AWS::Lambda::Permission',
  'AWS::Logs::MetricFilter',
  'AWS::Logs::ResourcePolicy',
  'AWS::S3::BucketPolicy',
  'AWS::SES::EmailIdentity',
  'AWS::SNS::TopicPolicy',
  'AWS::SQS::QueuePolicy',
  'Custom::CloudwatchLogResourcePolicy',
]);
const IGNORED_KIND: Kind = { attributes: (name) => ({ Arn: arn('iam', `ignored/${name}`) }) };

const Manifest = z.object({
  artifacts: z.record(
    z.string(),
    z.object({
      type: z.string(),
      properties: z.object({ templateFile: z.string(), stackName: z.string().optional() }).partial().optional(),
    }),
  ),
});
const Template = z.object({
  Resources: z
    .record(
      z.string(),
      z.object({ Type: z.string(), Properties: z.unknown().optional(), Condition: z.string().optional() }),
    )
    .default({}),
  Outputs: z
    .record(z.string(), z.object({ Value: z.unknown(), Export: z.object({ Name: z.unknown() }).optional() }))
    .default({}),
  Conditions: z.record(z.string(), z.unknown()).default({}),
  Parameters: z.record(z.string(), z.object({ Default: z.unknown() })).default({}),
});
type Template = z.infer<typeof Template>;
const Assets = z.object({
  files: z.record(z.string(), z.object({ source: z.object({ path: z.string().optional() }) })),
});

/** Reads a cloud assembly (`cdk.out`). What the host can neither run nor safely ignore is one clear sentence. */
export function readCloudApp(path: string): CloudApp {
  const folder = resolvePath(path);
  const json = <T>(file: string, schema: z.ZodType<T>): T => {
    try {
      return schema.parse(JSON.parse(readFileSync(join(folder, file), 'utf8')));
    } catch (error) {
      const what = error instanceof z.ZodError ? z.prettifyError(error).replaceAll(/\s+/g, ' ') : messageOf(error);
      throw new HostProblem(`${join(folder, file)} is not part of a cloud assembly: ${what}.`);
    }
  };
  const artifacts = Object.entries(json('manifest.json', Manifest).artifacts);
  const stacks = artifacts
    .filter(([, artifact]) => artifact.type === 'aws:cloudformation:stack')
    .map(([id, { properties }]) => ({
      name: properties?.stackName ?? id,
      template: json(properties?.templateFile ?? `${id}.template.json`, Template),
    }));
  const files = artifacts
    .filter(([id, artifact]) => artifact.type === 'cdk:asset-manifest' && id.endsWith('.assets'))
    .flatMap(([id]) => Object.entries(json(`${id}.json`, Assets).files));

  const exported = new Map<string, () => unknown>();
  const resources = stacks.flatMap(({ name, template }) => readStack(name, template, exported));
  return {
    ofType: (type) => resources.filter((resource) => resource.type === type),
    asset(key) {
      const path = files.find(([hash]) => key.startsWith(hash))?.[1].source.path;
      if (path === undefined) throw new HostProblem(`The cloud assembly ${folder} has no asset ${key}.`);
      return join(folder, path);
    },
  };
}

function readStack(stack: string, template: Template, exported: Map<string, () => unknown>): Resource[] {
  const problem = (what: string) => new HostProblem(`Stack ${stack}: ${what}`);
  const resolve = resolver(stack, template, exported, attributesOf);
  const known = new Map<string, Record<string, string>>();

  /** Name and attributes of a resource, computed once; `Ref` is one of them. */
  function attributesOf(id: string): Record<string, string> | undefined {
    const resource = template.Resources[id];
    if (!resource) return undefined;
    const kind = KINDS[resource.Type] ?? (IGNORED.has(resource.Type) ? IGNORED_KIND : undefined);
    if (!kind) {
      throw problem(
        `the local host neither runs nor knowingly ignores ${resource.Type} (${id}); add it to infra/local.`,
      );
    }
    let attributes = known.get(id);
    if (!attributes) {
      const properties = z.record(z.string(), z.unknown()).optional().parse(resource.Properties);
      const given = kind.named === undefined ? undefined : resolve(properties?.[kind.named]);
      const fallback = `${stack}-${id}`;
      const name = typeof given === 'string' ? given : (kind.nameOf?.(fallback) ?? fallback);
      attributes = { Ref: name, ...kind.attributes(name), '*name': name };
      known.set(id, attributes);
    }
    return attributes;
  }

  for (const [id, output] of Object.entries(template.Outputs)) {
    if (output.Export) exported.set(String(resolve(output.Export.Name)), () => resolve(template.Outputs[id]?.Value));
  }
  return Object.entries(template.Resources).flatMap(([id, resource]) => {
    const attributes = attributesOf(id);
    const unwanted = resource.Condition !== undefined && !resolve({ Condition: resource.Condition });
    if (!attributes || IGNORED.has(resource.Type) || unwanted) return [];
    return {
      id,
      stack,
      type: resource.Type,
      name: attributes['*name'] ?? id,
      arn: attributes.Arn ?? '',
      get properties() {
        return resolve(resource.Properties);
      },
    };
  });
}

/** Evaluates CloudFormation's intrinsic functions, as far as CDK apps of this kind use them. */
function resolver(
  stack: string,
  template: Template,
  exported: Map<string, () => unknown>,
  attributesOf: (id: string) => Record<string, string> | undefined,
): (value: unknown) => unknown {
  const problem = (what: string) => new HostProblem(`Stack ${stack}: ${what}`);
  const pseudo: Record<string, unknown> = {
    'AWS::AccountId': ACCOUNT,
    'AWS::NoValue': undefined,
    'AWS::Partition': 'aws',
    'AWS::Region': REGION,
    'AWS::StackId': arn('cloudformation', `stack/${stack}/local`),
    'AWS::StackName': stack,
    'AWS::URLSuffix': 'amazonaws.com',
  };

  const ref = (id: string): unknown => {
    if (id in pseudo) return pseudo[id];
    const parameter = template.Parameters[id];
    if (parameter) return parameter.Default;
    const attributes = attributesOf(id);
    if (!attributes) throw problem(`nothing is called ${id}.`);
    return attributes.Ref;
  };
  const attribute = (id: string, name: string): string => {
    const value = attributesOf(id)?.[name];
    if (value === undefined) throw problem(`the local host does not know the attribute ${name} of ${id}.`);
    return value;
  };
  const list = (value: unknown): unknown[] => z.array(z.unknown()).parse(resolve(value));
  const text = (value: unknown): string => z.coerce.string().parse(resolve(value));
  const condition = (value: unknown): boolean => {
    const known = z.record(z.string(), z.unknown()).safeParse(value).data ?? {};
    const [name, inner] = Object.entries(known)[0] ?? [];
    if (name === 'Condition') return condition(template.Conditions[String(inner)]);
    if (name === 'Fn::Equals') {
      const [left, right] = list(inner);
      return left === right;
    }
    const parts = () => z.array(z.unknown()).parse(inner);
    if (name === 'Fn::Not') return !condition(parts()[0]);
    if (name === 'Fn::And') return parts().every(condition);
    if (name === 'Fn::Or') return parts().some(condition);
    throw problem(`the local host cannot evaluate the condition ${name}.`);
  };

  const functions: Record<string, (value: unknown) => unknown> = {
    Ref: (value) => ref(text(value)),
    Condition: (value) => condition({ Condition: value }),
    'Fn::GetAtt': (value) => {
      const [id, ...name] = typeof value === 'string' ? value.split('.') : list(value).map(String);
      return attribute(String(id), name.join('.'));
    },
    'Fn::If': (value) => {
      const [name, yes, no] = z.array(z.unknown()).parse(value);
      return resolve(condition({ Condition: name }) ? yes : no);
    },
    'Fn::ImportValue': (value) => {
      const output = exported.get(text(value));
      if (!output) throw problem(`no stack exports ${text(value)}.`);
      return output();
    },
    'Fn::Join': (value) => {
      const [separator, parts] = z.tuple([z.string(), z.unknown()]).parse(value);
      return list(parts).map(String).join(separator);
    },
    'Fn::Select': (value) => {
      const [index, from] = z.tuple([z.unknown(), z.unknown()]).parse(value);
      return list(from)[Number(resolve(index))];
    },
    'Fn::Split': (value) => {
      const [separator, from] = z.tuple([z.string(), z.unknown()]).parse(value);
      return text(from).split(separator);
    },
    'Fn::Sub': (value) => {
      const [pattern, own] =
        typeof value === 'string' ? [value, {}] : z.tuple([z.string(), z.record(z.string(), z.unknown())]).parse(value);
      return pattern.replace(/\$\{(!?)([^}]+)\}/g, (whole, literal: string, name: string) => {
        if (literal) return `\${${name}}`;
        if (name in own) return text(own[name]);
        const [id, ...rest] = name.split('.');
        return rest.length > 0 && id !== undefined ? attribute(id, rest.join('.')) : String(ref(name) ?? whole);
      });
    },
  };

  function resolve(value: unknown): unknown {
    if (Array.isArray(value)) return value.map(resolve).filter((item) => item !== undefined);
    if (typeof value !== 'object' || value === null) return value;
    const entries: [string, unknown][] = Object.entries(value);
    const [only] = entries;
    if (only && entries.length === 1 && (only[0] === 'Ref' || only[0] === 'Condition' || only[0].startsWith('Fn::'))) {
      const evaluate = functions[only[0]];
      if (!evaluate) throw problem(`the local host does not know the intrinsic function ${only[0]}.`);
      // {Condition: {...}} is also how policies spell a condition of their own.
      if (only[0] !== 'Condition' || typeof only[1] === 'string') return evaluate(only[1]);
    }
    return Object.fromEntries(
      entries.map(([key, inner]) => [key, resolve(inner)]).filter(([, inner]) => inner !== undefined),
    );
  }
  return resolve;
}

/** Reads the properties a service needs; what does not fit is one sentence that names the resource. */
export function propertiesOf<T>(resource: Resource, schema: z.ZodType<T>): T {
  const parsed = schema.safeParse(resource.properties);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new HostProblem(
    `The local host cannot run ${resource.type} ${resource.id}: ${issue?.path.join('.')}: ${issue?.message}.`,
  );
}
