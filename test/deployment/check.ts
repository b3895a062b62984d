import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { callersOf } from './cognito.ts';
import { adaptToMinistack } from './for-ministack.ts';
import { findInFlight, leaveInFlight } from './in-flight.ts';
import { type Ministack, startMinistack } from './ministack.ts';
import { pythonTools, ROOT } from './python.ts';
import { runSuite } from './run-suite.ts';
import { readOutputs } from './stack-outputs.ts';
import { targetOf } from './target.ts';

/**
 * `npm run deploy:check`: deploys the app into an account that ministack pretends to be, tries it, deploys a change over
 * it while clocks run, and tries it again (`docs/deployment.md`).
 */
const STAGE = 'check';

/** What the second deployment changes: every function's environment, a machine client, the authorizer that knows it. */
const CHANGED = { integrations: ['default', 'partner'], logLevel: 'DEBUG' };

const main = async (): Promise<boolean> => {
  const bin = pythonTools(join(import.meta.dirname, 'ministack.requirements.txt'));
  if (!bin) {
    console.log('There is no Python 3.10 or newer here: the deployment was NOT checked.');
    return true;
  }
  const work = mkdtempSync(join(tmpdir(), 'docket-check-'));
  const account = await startMinistack(bin);
  try {
    const passed = await check(account, work);
    console.log(passed ? unproven() : account.complaints());
    return passed;
  } finally {
    await account.stop();
    rmSync(work, { recursive: true, force: true });
  }
};

const check = async (account: Ministack, work: string): Promise<boolean> => {
  Object.assign(process.env, account.env);
  const deploy = (name: string, integration: string, ...app: readonly string[]) => {
    const outputs = join(work, `${name}.json`);
    cdk(name, 'deploy', '--all', ...app, '--require-approval', 'never', '--outputs-file', outputs);
    const deployed = readOutputs(outputs, integration);
    return { ...deployed, url: account.reach(deployed.url) };
  };

  const template = join(work, 'bootstrap.yaml');
  writeFileSync(template, forPlainHttp(cdk('bootstrap template', 'bootstrap', '--show-template')));
  cdk('bootstrap', 'bootstrap', `aws://000000000000/${process.env.AWS_REGION}`, '--template', template);
  const app = join(work, 'first');
  cdk('synth', 'synth', '--quiet', '-c', `stage=${STAGE}`, '--output', app);
  adaptToMinistack(app);
  const first = deploy('deploy', 'default', '--app', app);
  const { tokens } = await callersOf(first);
  if (!(await runSuite(first.url, tokens))) return false;

  const assembly = join(work, 'second');
  const context = JSON.stringify({ stage: STAGE, stages: { [STAGE]: CHANGED } });
  run('synth', { CDK_OUTDIR: assembly, CDK_CONTEXT_JSON: context }, process.execPath, 'infra/app.ts');
  adaptToMinistack(assembly);
  const left = await leaveInFlight(targetOf(first.url, tokens));
  const second = deploy('update', 'partner', '--app', assembly);
  // People who are new, and the machine client that is: the update is what runs, and the pool is the one that was.
  const { tokens: others } = await callersOf(second);
  const [passed] = await Promise.all([
    runSuite(second.url, others),
    findInFlight(targetOf(second.url, tokens), left).then(() => console.log('What was under way has been found.')),
  ]);
  return passed;
};

/** CDK's own template with the two conditions replaced that ministack cannot meet: TLS, and a key that it does not know. */
const forPlainHttp = (template: string): string => {
  const replaced = template
    .replace('aws:SecureTransport: "false"', 'aws:SecureTransport: "never"')
    .replace('aws:ResourceAccount:', 'aws:PrincipalAccount:');
  if (replaced.length === template.length) throw new Error('The bootstrap template has changed; so must this');
  return replaced;
};

/** The section of the page about deployments that tells what a green run leaves open. */
const unproven = (): string => {
  const [, section = ''] = readFileSync(join(ROOT, 'docs', 'deployment.md'), 'utf8').split(
    '## What ministack does not',
  );
  return `What this does not${section.split('\n## ')[0]}`;
};

const cdk = (name: string, ...args: string[]): string => run(name, {}, 'cdk', ...args);

/** Runs a step in silence, and tells what it said if it fails. */
const run = (name: string, env: NodeJS.ProcessEnv, program: string, ...args: string[]): string => {
  const started = performance.now();
  const { status, stdout, stderr } = spawnSync(program, args, {
    cwd: ROOT,
    env: { ...process.env, ...env },
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
  });
  if (status !== 0) throw new Error(`${name} failed:\n${stdout}\n${stderr}`);
  console.log(`${name}: ${((performance.now() - started) / 1000).toFixed(0)} s`);
  return stdout;
};

process.exitCode = (await main()) ? 0 : 1;
