import { statSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { SingleBar } from 'cli-progress';
import { HostProblem } from './host-problem.ts';
import { type Counts, importFile } from './import-file.ts';
import { remoteAt } from './remote.ts';

/** `npm run import`: customers or cases from a file. `--help` tells its options. */

const HELP = `Imports customers or cases from CSV or JSON Lines, and goes on where an earlier run was ended.

  npm run import -- customers people.csv --dry-run
  npm run import -- cases history.csv --map "Ticket no=externalId" --map "Opened=createdOn" --set origin=email

  --dry-run              only tell which rows would be refused, and why
  --map <column>=<field> what a column is; with nothing behind the sign it is left out
  --set <field>=<value>  what every row has that does not say otherwise
  --on-existing update   of customers: known ones get what the row says (they are skipped)
  --format <format>      csv or jsonl (by the name of the file)
  --report <file>        refused rows with code and message (<file>.refused.jsonl)
  --batch <number>       rows sent at once (100)
  --url <address>        the service (http://localhost:3000)
  --token <token>        of an admin; on the local host one is made`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    'dry-run': { type: 'boolean', default: false },
    map: { type: 'string', multiple: true, default: [] },
    set: { type: 'string', multiple: true, default: [] },
    'on-existing': { type: 'string' },
    format: { type: 'string' },
    report: { type: 'string' },
    batch: { type: 'string', default: '100' },
    url: { type: 'string', default: 'http://localhost:3000' },
    token: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});

const pairs = (texts: readonly string[], option: string): Record<string, string> =>
  Object.fromEntries(
    texts.map((text) => {
      const at = text.lastIndexOf('=');
      if (at < 1) throw new HostProblem(`${option} takes <name>=<value>, not ${text}.`);
      return option === '--set' ? cut(text, text.indexOf('=')) : cut(text, at);
    }),
  );
const cut = (text: string, at: number): [string, string] => [text.slice(0, at), text.slice(at + 1)];

const formatOf = (file: string): 'csv' | 'jsonl' => {
  const format = values.format ?? (file.endsWith('.csv') ? 'csv' : 'jsonl');
  if (format !== 'csv' && format !== 'jsonl') throw new HostProblem('--format is csv or jsonl.');
  return format;
};

const told = (counts: Counts): string =>
  Object.entries(counts)
    .map(([outcome, n]) => `${n} ${outcome}`)
    .join(', ');

async function main(): Promise<number> {
  const [kind, file] = positionals;
  if (values.help || (kind !== 'customers' && kind !== 'cases') || !file) {
    console.log(HELP);
    return values.help ? 0 : 2;
  }
  const remote = await remoteAt(values.url, values.token, { sub: 'import', roles: ['admin'] });
  const report = values.report ?? `${file}.refused.jsonl`;
  const bar = new SingleBar({
    format: `${values['dry-run'] ? 'Dry run' : 'Import'} {bar} {percentage} %  {what}  {eta_formatted} left`,
    noTTYOutput: true,
    hideCursor: false,
    gracefulExit: false,
  });
  bar.start(statSync(file).size, 0, { what: '' });
  const counts = await importFile(remote, {
    kind,
    file,
    format: formatOf(file),
    dryRun: values['dry-run'],
    report,
    map: pairs(values.map, '--map'),
    set: pairs(values.set, '--set'),
    onExisting: values['on-existing'],
    batch: Number(values.batch),
    onProgress: (bytes, soFar) => bar.update(bytes, { what: told(soFar) }),
  }).finally(() => bar.stop());
  console.log(told(counts) || 'no rows');
  if (counts.refused) console.log(`Refused rows are in ${report}.`);
  return counts.refused ? 1 : 0;
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    console.error(error instanceof HostProblem ? error.message : error);
    process.exit(2);
  },
);
