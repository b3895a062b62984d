import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { z } from 'zod';
import cdk from '../../cdk.json' with { type: 'json' };
import { Config } from '../../infra/config.ts';
import { addDocket } from '../../infra/docket.ts';

const Resource = z.looseObject({ Type: z.string(), Properties: z.record(z.string(), z.any()).default({}) });
export type Resource = z.infer<typeof Resource>;

/**
 * Both stacks as templates. Functions are not bundled and the library's own rules are left to the real synthesis, which
 * fails on them: 0.5 s instead of 5 s.
 */
export const synthesised = (config: Omit<z.input<typeof Config>, 'stage'> = {}) => {
  const outdir = mkdtempSync(join(tmpdir(), 'docket-'));
  const app = new App({
    outdir,
    context: { ...cdk.context, 'aws:cdk:bundling-stacks': [] },
    analyticsReporting: false,
    builtinCloudFormationValidation: false,
  });
  const { data, service } = addDocket(app, Config.parse({ stage: 'test', ...config }));
  const templates = { data: Template.fromStack(data), service: Template.fromStack(service) };
  rmSync(outdir, { recursive: true });
  return templates;
};

/** All resources of a type with their logical ids. */
export const resourcesOf = (template: Template, type: string): [string, Resource][] =>
  Object.entries(template.findResources(type)).map(([id, resource]) => [id, Resource.parse(resource)]);
