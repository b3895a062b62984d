import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { HostProblem, messageOf } from './host-problem.ts';

/** `npm run rebuild-reports`: recounts a service's reports from the facts, a step at a time. `--help` tells its options. */

const HELP = `Recounts the reports of a running Docket from the facts, and tells what differs.

  --url <address>     the service (http://localhost:3000)
  --token <token>     of an admin; on the local host one is made
  --repair            read the recount from then on
  --cursor <text>     go on where an earlier run was ended`;

const Answer = z.object({
  state: z.string(),
  cases: z.number(),
  differences: z.number(),
  examples: z.array(z.unknown()),
  failed: z.array(z.string()),
  repaired: z.boolean(),
  cursor: z.string().optional(),
});

const { values } = parseArgs({
  options: {
    url: { type: 'string', default: 'http://localhost:3000' },
    token: { type: 'string' },
    repair: { type: 'boolean', default: false },
    cursor: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});

const post = (path: string, body: object, token?: string): Promise<Response> =>
  fetch(`${values.url}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) },
    body: JSON.stringify(body),
  }).catch((error: unknown) => {
    throw new HostProblem(`No Docket answers at ${values.url} (${messageOf(error)}).`);
  });

const localToken = async (): Promise<string> => {
  const answer = await post('/dev/token', { sub: 'rebuild-reports', roles: ['admin'] });
  if (!answer.ok) throw new HostProblem('Name the token of an admin with --token.');
  return z.object({ accessToken: z.string() }).parse(await answer.json()).accessToken;
};

async function main(): Promise<number> {
  if (values.help) {
    console.log(HELP);
    return 0;
  }
  const token = values.token ?? (await localToken());
  let failed = 0;
  for (let cursor = values.cursor; ; ) {
    const response = await post('/v1/reports/rebuilds', { repair: values.repair, cursor }, token);
    const content: unknown = await response.json();
    if (!response.ok) {
      const goOn = cursor ? ` Go on with --cursor ${cursor}` : '';
      throw new HostProblem(`Answered with ${response.status}: ${JSON.stringify(content)}.${goOn}`);
    }
    const answer = Answer.parse(content);
    for (const example of answer.examples) console.log(`differs: ${JSON.stringify(example)}`);
    for (const caseId of answer.failed) console.log(`could not be counted: ${caseId}`);
    failed += answer.failed.length;
    console.log(`${answer.state}: ${answer.cases} cases counted, ${answer.differences} sums differ`);
    if (!answer.cursor) {
      if (answer.repaired) console.log('Reports are read from the recount now.');
      return failed > 0 || (answer.differences > 0 && !answer.repaired) ? 1 : 0;
    }
    // The relay has not counted everything yet.
    if (answer.state === 'waiting' && answer.cursor === cursor) await pause(1000);
    cursor = answer.cursor;
  }
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    console.error(error instanceof HostProblem ? error.message : error);
    process.exit(2);
  },
);
