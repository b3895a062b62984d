import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { App } from 'aws-cdk-lib';
import cdk from '../../cdk.json' with { type: 'json' };
import { readConfig } from '../config.ts';
import { addDocket } from '../docket.ts';
import { costOf, statement, withStatement } from './cost.ts';

/** `npm run cost`: prints what a stage costs; with `--write` puts it into the README. Functions are not bundled for it. */
const { values } = parseArgs({
  options: { stage: { type: 'string', default: 'dev' }, write: { type: 'boolean', default: false } },
});
const outdir = mkdtempSync(join(tmpdir(), 'docket-cost-'));
const context = { ...cdk.context, stage: values.stage, 'aws:cdk:bundling-stacks': [] };
const app = new App({ outdir, context, analyticsReporting: false, builtinCloudFormationValidation: false });
addDocket(app, readConfig(app.node));
const text = statement(costOf(app.synth().stacks.map(({ template }) => template)));
rmSync(outdir, { recursive: true });

const readme = join(import.meta.dirname, '..', '..', 'README.md');
if (values.write) writeFileSync(readme, withStatement(readFileSync(readme, 'utf8'), text));
else console.log(text);
