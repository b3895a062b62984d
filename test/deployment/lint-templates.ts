import { spawnSync } from 'node:child_process';
import { globSync } from 'node:fs';
import { join } from 'node:path';
import { synthesisedApp } from '../support/synthesise.ts';
import { ACCEPTED } from './accepted-findings.ts';
import { pythonTools } from './python.ts';

/** `npm run lint:templates`: cfn-lint and checkov over the synthesized templates, but for what is accepted with a reason. */
const bin = pythonTools(join(import.meta.dirname, 'lint.requirements.txt'));

const passes = (tool: string, ...args: string[]): boolean => {
  console.log(`${tool}, accepting:`);
  const accepted = tool === 'checkov' ? ACCEPTED.checkov : ACCEPTED.cfnLint;
  for (const [rule, because] of Object.entries(accepted)) console.log(`  ${rule}: ${because}`);
  const { status } = spawnSync(join(String(bin), tool), args, { stdio: 'inherit' });
  console.log(status === 0 ? `${tool}: nothing else found` : `${tool} ended with ${status}`);
  return status === 0;
};

const lint = (): boolean => {
  const { assembly, remove } = synthesisedApp();
  try {
    const templates = globSync(join(assembly, '*.template.json'));
    const rules = (accepted: object) => Object.keys(accepted).join(',');
    const quiet = ['--framework', 'cloudformation', '--compact', '--quiet', '--skip-download'];
    const skipped = ['--skip-check', rules(ACCEPTED.checkov)];
    return [
      passes(
        'cfn-lint',
        '--regions',
        'eu-west-1',
        '--ignore-checks',
        rules(ACCEPTED.cfnLint),
        '--template',
        ...templates,
      ),
      passes('checkov', ...quiet, ...skipped, ...templates.flatMap((template) => ['--file', template])),
    ].every(Boolean);
  } finally {
    remove();
  }
};

if (!bin) console.log('There is no Python 3.10 or newer here: the templates were NOT linted.');
else process.exitCode = lint() ? 0 : 1;
