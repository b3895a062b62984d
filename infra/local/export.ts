import { parseArgs } from 'node:util';
import { SingleBar } from 'cli-progress';
import { exportToFile } from './export-file.ts';
import { HostProblem } from './host-problem.ts';
import { remoteAt } from './remote.ts';

/** `npm run export`: cases, or all that is known of one customer, into a file. `--help` tells its options. */

const HELP = `Writes the cases of a running Docket into a file, and goes on where an earlier run was ended.

  --out <file>         where to
  --format <format>    csv or jsonl (by the name of the file)
  --filter <query>     as in lists of cases: status=resolved&subjectId=billing (all cases)
  --customer <id>      instead: everything about one customer, as JSON Lines
  --url <address>      the service (http://localhost:3000)
  --token <token>      of a supervisor, or of an admin for a customer; on the local host one is made`;

const { values } = parseArgs({
  options: {
    out: { type: 'string' },
    format: { type: 'string' },
    filter: { type: 'string', default: '' },
    customer: { type: 'string' },
    url: { type: 'string', default: 'http://localhost:3000' },
    token: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});

const formatOf = (out: string): string => {
  const format = values.format ?? (out.endsWith('.csv') ? 'csv' : 'jsonl');
  if (format !== 'csv' && format !== 'jsonl') throw new HostProblem('--format is csv or jsonl.');
  return format;
};

const firstPage = (out: string): string => {
  if (values.customer) return `/v1/customers/${encodeURIComponent(values.customer)}/export`;
  const query = new URLSearchParams(values.filter);
  query.set('format', formatOf(out));
  return `/v1/exports/cases?${query}`;
};

async function main(): Promise<void> {
  if (values.help || !values.out) {
    console.log(HELP);
    return;
  }
  const remote = await remoteAt(values.url, values.token, { sub: 'export', roles: ['admin'] });
  const bar = new SingleBar({
    format: 'Export {value} rows in {duration_formatted}',
    noTTYOutput: true,
    hideCursor: false,
    gracefulExit: false,
  });
  bar.start(0, 0);
  const rows = await exportToFile(remote, {
    first: firstPage(values.out),
    out: values.out,
    onRows: (done) => bar.update(done),
  }).finally(() => bar.stop());
  console.log(`${values.out}: ${rows} rows`);
}

main().then(
  () => process.exit(0),
  (error: unknown) => {
    console.error(error instanceof HostProblem ? error.message : error);
    process.exit(2);
  },
);
