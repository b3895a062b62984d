import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startHost } from '../../infra/local/host.ts';
import { pythonTools } from '../deployment/python.ts';
import { clientOf } from '../support/api-client.ts';
import { synthesisedApp } from '../support/synthesise.ts';
import { furnish } from './furnished.ts';

const HELP = `Holds the API to its own document: Schemathesis makes requests out of /openapi.json, good ones and bad ones, and
every answer has to be one that the document tells of.

  --examples <n>   requests for each operation and phase (20)
  --workers <n>    at a time (2)
  --only <regex>   the paths to try (all)
  --seed <n>       to make the same requests again`;

/** What an answer is held to. */
const CHECKS = [
  'not_a_server_error',
  'status_code_conformance',
  'content_type_conformance',
  'response_headers_conformance',
  'response_schema_conformance',
];

/** How often a request is about something that there is. */
const KNOWN = 0.7;

/**
 * Skills are words of any script (`\\p{L}`), which Schemathesis takes for Latin ones: small letters that other scripts'
 * capitals have would then be none. So it is kept to capitals whose small letters it knows, where there are skills.
 */
const LATIN = `
[[operations]]
include-path-regex = "^/v1/(teams|users|settings/routing-rule-sets)/"
generation.codec = "latin-1"
`;

/** What Schemathesis may fill the paths' parameters with, in its own format. */
const configOf = (ids: Readonly<Record<string, readonly string[]>>): string =>
  [`hooks = ${JSON.stringify(join(import.meta.dirname, 'hooks.py'))}`]
    .concat(Object.entries(ids).map(([name, values]) => `[dictionaries.${name}]\nvalues = ${JSON.stringify(values)}\n`))
    .concat(
      '[parameters]',
      Object.keys(ids).map((name) => `"path.${name}" = { dictionary = "${name}", probability = ${KNOWN} }`),
    )
    .concat(LATIN)
    .join('\n');

/** The lines of the functions' logs that tell of a fault. */
const faults = (logs: string): string =>
  readdirSync(logs)
    .flatMap((file) => readFileSync(join(logs, file), 'utf8').split('\n'))
    .filter((line) => line.includes('"level":"ERROR"'))
    .join('\n');

const main = async (): Promise<boolean> => {
  const { values } = parseArgs({
    options: {
      examples: { type: 'string', default: '20' },
      workers: { type: 'string', default: '2' },
      only: { type: 'string' },
      seed: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    console.log(HELP);
    return true;
  }
  const bin = pythonTools(join(import.meta.dirname, 'schemathesis.requirements.txt'));
  if (!bin) {
    console.log('There is no Python 3.10 or newer here: the API was NOT held to its document.');
    return true;
  }
  const data = mkdtempSync(join(tmpdir(), 'docket-openapi-'));
  const { assembly, remove } = synthesisedApp();
  const host = await startHost({ port: 0, data, speed: 1, assembly });
  try {
    const token = await host.token({ sub: 'root', roles: ['admin'] });
    const config = join(data, 'schemathesis.toml');
    writeFileSync(config, configOf(await furnish(clientOf(host.url, token))));
    const args = [
      '--config-file',
      config,
      'run',
      `${host.url}/openapi.json`,
      '--header',
      `Authorization: Bearer ${token}`,
      '--checks',
      CHECKS.join(),
      '--max-examples',
      values.examples,
      '--workers',
      values.workers,
      '--continue-on-failure',
      '--warnings',
      'off',
      '--suppress-health-check',
      'all',
      ...(values.only ? ['--include-path-regex', values.only] : []),
      ...(values.seed ? ['--seed', values.seed] : []),
    ];
    const [code] = await once(spawn(join(bin, 'schemathesis'), args, { cwd: data, stdio: 'inherit' }), 'exit');
    if (code !== 0) console.log(`What the functions called faults:\n${faults(host.logs)}`);
    return code === 0;
  } finally {
    await host.stop();
    remove();
    rmSync(data, { recursive: true, force: true });
  }
};

process.exitCode = (await main()) ? 0 : 1;
