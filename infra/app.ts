import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import cdk from '../cdk.json' with { type: 'json' };
import { readConfig } from './config.ts';
import { costOf, statement } from './cost/cost.ts';
import { addDocket } from './docket.ts';

// The CLI hands over the context of cdk.json, asks for the metadata and says where to write. Started without it, as the
// local host does, the same templates come out.
const app = new App({
  context: { ...cdk.context, 'aws:cdk:enable-asset-metadata': true, 'aws:cdk:enable-path-metadata': true },
  analyticsReporting: cdk.versionReporting,
  outdir: process.env.CDK_OUTDIR ?? cdk.output,
});
addDocket(app, readConfig(app.node));
const assembly = app.synth();
// Beside the templates, so that whoever deploys them can read what they will cost.
writeFileSync(join(assembly.directory, 'cost.md'), statement(costOf(assembly.stacks.map(({ template }) => template))));
