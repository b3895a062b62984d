import { parseArgs } from 'node:util';
import { HostProblem, messageOf } from './host-problem.ts';

/** `npm start`: the local host as a program. `--help` tells its options. */

const HELP = `Runs Docket on this machine: what would be deployed, from the CDK app's own templates.

  --port <number>     where to serve (3000)
  --data <folder>     what is kept between two starts (.docket)
  --speed <number>    how many times faster than real the service clock runs (1); with 0 only POST /dev/clock moves it
  --clock <instant>   the first instant of the service clock in a new data folder (now)
  --stage <name>      the stage whose templates to run (local)
  --assembly <folder> an existing cloud assembly, instead of synthesising the app

DYNAMODB_ENDPOINT names a DynamoDB to use instead of starting dynoxide.`;

function readOptions() {
  const { values } = parseArgs({
    options: {
      port: { type: 'string', default: '3000' },
      data: { type: 'string', default: '.docket' },
      speed: { type: 'string', default: '1' },
      clock: { type: 'string' },
      stage: { type: 'string', default: 'local' },
      assembly: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  const port = Number(values.port);
  const speed = Number(values.speed);
  const clock = values.clock === undefined ? undefined : Date.parse(values.clock);
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    throw new HostProblem(`--port must be a port number, not ${values.port}.`);
  if (!(speed === 0 || (speed >= 0.001 && speed <= 1_000_000)))
    throw new HostProblem(`--speed must be 0 or between 0.001 and 1000000, not ${values.speed}.`);
  if (Number.isNaN(clock))
    throw new HostProblem(`--clock must be an instant such as 2026-03-09T13:30:00Z, not ${values.clock}.`);
  return { ...values, port, speed, clock };
}

async function main(): Promise<void> {
  const options = readOptions();
  if (options.help) return console.log(HELP);
  // Lambda's time zone; some code asks for local time without meaning to.
  process.env.TZ = 'UTC';
  const started = performance.now();
  const progress = (step: string) =>
    console.log(`${((performance.now() - started) / 1000).toFixed(1).padStart(6)} s  ${step}`);

  const { startHost } = await import('./host.ts');
  const host = await startHost({ ...options, progress, onBroken: giveUp });
  progress(`Serving ${host.url}, service clock ${new Date(host.now()).toISOString()} at speed ${options.speed}`);
  await tellHowToUse(host);

  let stopping = false;
  const stop = async () => {
    // Asked twice, it goes at once; what was acknowledged is on disk either way.
    if (stopping) process.exit(130);
    stopping = true;
    console.log('Stopping.');
    await host.stop();
    process.exit(0);
  };
  process.on('SIGINT', stop).on('SIGTERM', stop).on('SIGHUP', stop);
}

interface Running {
  readonly url: string;
  token(request: { sub: string; roles: ('agent' | 'supervisor' | 'admin' | 'integration')[] }): Promise<string>;
}

async function tellHowToUse({ url, token }: Running): Promise<void> {
  const roles = ['agent', 'supervisor', 'admin', 'integration'] as const;
  console.log('\nA token for each role, valid for a day:');
  for (const role of roles)
    console.log(
      `\n${role.toUpperCase()}=${await token({ sub: role === 'integration' ? 'erp' : `${role}-1`, roles: [role] })}`,
    );
  console.log(`
Paste the lines above into a shell, then try:

curl -H "authorization: Bearer $AGENT" ${url}/v1/customers -H 'content-type: application/json' -d '{"id": "ada", "name": "Ada", "kind": "contact"}'
curl -H "authorization: Bearer $AGENT" ${url}/v1/cases -H 'content-type: application/json' -d '{"customerId": "ada", "title": "The printer is on fire", "origin": "phone"}'
curl -H "authorization: Bearer $AGENT" '${url}/v1/cases?customerId=ada'

The API's description: ${url}/docs    Mail that has left: ${url}/dev/mail    Stop with Ctrl-C.
`);
}

function giveUp(error: unknown): void {
  console.error(error instanceof HostProblem || isBadArgument(error) ? messageOf(error) : error);
  process.exit(1);
}

const isBadArgument = (error: unknown) =>
  error instanceof TypeError && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS');

main().catch(giveUp);
