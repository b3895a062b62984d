import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { parseArgs } from 'node:util';
import { callersOf } from './cognito.ts';
import { readOutputs } from './stack-outputs.ts';
import { CALLERS, type Tokens, variableOf } from './target.ts';

/** Runs the suite of this folder against a service, and tells how it went. */
export const runSuite = async (url: string, tokens: Tokens): Promise<boolean> => {
  const env: NodeJS.ProcessEnv = { ...process.env, DOCKET_URL: url };
  for (const name of CALLERS) env[variableOf(name)] = tokens[name];
  const child = spawn('vitest', ['run', 'test/deployment/service.test.ts'], {
    env,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  const [code] = await once(child, 'exit');
  return code === 0;
};

const HELP = `Runs the end-to-end suite against a service that runs somewhere.

  --outputs <file>   what \`cdk deploy --all --outputs-file <file>\` wrote: people are made in the stage's user pool
                     for the run and deleted afterwards, with the AWS credentials of the shell
  --integration <name>  the machine client to use (default)

Without it the environment names the service (DOCKET_URL) and a token for each caller
(${CALLERS.map(variableOf).join(', ')}).`;

const main = async (): Promise<boolean> => {
  const { values } = parseArgs({
    options: {
      outputs: { type: 'string' },
      integration: { type: 'string', default: 'default' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help || (!values.outputs && !process.env.DOCKET_URL)) {
    console.log(HELP);
    return values.help;
  }
  if (!values.outputs) return false;
  const deployed = readOutputs(values.outputs, values.integration);
  const { tokens, remove } = await callersOf(deployed);
  try {
    return await runSuite(deployed.url, tokens);
  } finally {
    await remove();
  }
};

if (import.meta.main) process.exitCode = (await main()) ? 0 : 1;
