import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import cdk from '../../cdk.json' with { type: 'json' };
import { Config } from '../../infra/config.ts';
import { addDocket } from '../../infra/docket.ts';
import { BEHIND_A_FIREWALL } from '../support/configs.ts';

const Report = z.object({
  pluginReports: z.array(
    z.object({
      pluginName: z.string(),
      violations: z.array(
        z.object({ ruleName: z.string(), violatingConstructs: z.array(z.object({ constructPath: z.string() })) }),
      ),
    }),
  ),
});

/** Wildcards that remain in grants, and why; the rule tells each as a finding of its own, named by the resource. */
const WILDCARDS: readonly { resource: RegExp; because: string }[] = [
  { resource: /ExportsOutputFnGetAttTable\w+\/index\/\*$/, because: 'the indexes of the one table, and nothing else' },
  {
    resource: /:execution:.*SlaTimerMachine\w+.*:\*$/,
    because: 'executions of the one state machine, named when they start',
  },
  {
    resource: /ExportsOutputFnGetAttFailuresBucket\w+(\/aws\/lambda)?\/\*$/,
    because: 'objects of the one bucket, named when they are written',
  },
  {
    resource: /ExportsOutputFnGetAttAttachmentsBucket\w+\/attachments\/\*$/,
    because: 'files of cases, named when they are written; who may see which is decided by the function',
  },
  {
    resource: /ExportsOutputFnGetAttReceivedMailBucket\w+\/received\/\*$/,
    because: 'One object for each mail that SES has put there.',
  },
  {
    resource: /^\*$/,
    because: 'traces and deliveries of logs, which have no resources; which actions, test/infra/grants.test.ts tells',
  },
  {
    resource: /^<?ExportsOutput\w*|GenerateDataKey\*|ReEncrypt\*/,
    because: 'names of families of actions on the one key',
  },
];
const isJustified = (finding: string): boolean => {
  const resource = /^AwsSolutions-IAM5\[(?:Resource|Action)::(.*)\] /.exec(finding)?.[1];
  return resource !== undefined && WILDCARDS.some((wildcard) => wildcard.resource.test(resource));
};

/** What the AwsSolutions pack has against a stage and nobody has accepted with a reason, as `rule construct`. */
const findings = (config: Omit<z.input<typeof Config>, 'stage'>): string[] => {
  const outdir = mkdtempSync(join(tmpdir(), 'docket-nag-'));
  const app = new App({
    outdir,
    context: { ...cdk.context, 'aws:cdk:bundling-stacks': [] },
    analyticsReporting: false,
  });
  addDocket(app, Config.parse({ stage: 'test', ...config }));
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
  // It fails when something was found; what was found is in its report.
  expect(() => app.synth()).toThrow(/Validation failed|validation-report/);
  const report = Report.parse(JSON.parse(readFileSync(join(outdir, 'validation-report.json'), 'utf8')));
  rmSync(outdir, { recursive: true });
  return report.pluginReports
    .filter(({ pluginName }) => pluginName === 'AwsSolutions')
    .flatMap(({ violations }) => violations)
    .flatMap((rule) => rule.violatingConstructs.map(({ constructPath }) => `${rule.ruleName} ${constructPath}`));
};

describe('the rules of AWS Solutions', () => {
  it.each([
    ['a stage with defaults', {}],
    [
      'a stage with everything that can be chosen',
      {
        customerManagedKey: true,
        canary: true,
        mfa: 'optional' as const,
        domain: { name: 'api.example.com', certificateArn: 'arn:aws:acm:eu-west-1:123456789012:certificate/1' },
        corsOrigins: ['https://desk.example.com'],
        alarmEmails: ['ops@example.com'],
        mail: {
          domains: ['shop.example'],
          createIdentities: true,
          mailFromSubdomain: 'bounce',
          receive: { ruleSet: 'all' },
        },
      },
    ],
    ['a stage behind a firewall', BEHIND_A_FIREWALL],
    [
      'a stage where people sign in elsewhere',
      { identityProvider: { issuer: 'https://id.example.com/', audience: ['docket'] } },
    ],
  ])('are kept by %s, or the exception is told with its reason', (_, config) => {
    expect(findings(config).filter((finding) => !isJustified(finding))).toEqual([]);
  });
});
