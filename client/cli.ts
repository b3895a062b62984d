import { Command, Option } from 'commander';
import { answered, Refused, upTo } from './ask.ts';
import { type DocketClient, docketClient } from './client.ts';
import { seedDefaults } from './defaults.ts';
import { failureQueues, replay } from './replay.ts';

/** `docket`: what operators ask of a running service, from a shell. `--help` tells its commands. */

interface Connection {
  url: string;
  token?: string;
  json?: boolean;
}

const connect = ({ url, token }: Connection): DocketClient => {
  if (!token) throw new Refused('Name an access token with --token, or in DOCKET_TOKEN.');
  return docketClient({ url, token });
};

type Row = Record<string, unknown>;

/** Rows under the names of their columns, or as JSON Lines. */
const print = (rows: readonly Row[], json: boolean | undefined): void => {
  if (json) {
    for (const row of rows) console.log(JSON.stringify(row));
    return;
  }
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const text = (value: unknown): string =>
    value === undefined || value === null ? '–' : typeof value === 'object' ? JSON.stringify(value) : String(value);
  const widths = columns.map((column) => Math.max(column.length, ...rows.map((row) => text(row[column]).length)));
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, n) => cell.padEnd(widths[n] ?? 0))
      .join('  ')
      .trimEnd();
  if (rows.length === 0) console.log('Nothing.');
  else console.log([line(columns), ...rows.map((row) => line(columns.map((column) => text(row[column]))))].join('\n'));
};

const limit = new Option('--limit <number>', 'how many at most').default(25).argParser(Number);

/** The command line; `argv` without the program's name. Throws `Refused` with what to tell. */
export const cli = (): Command => {
  const program = new Command('docket')
    .description('Asks a running Docket, and sets it up.')
    .addOption(new Option('--url <address>', 'the service').env('DOCKET_URL').default('http://localhost:3000'))
    .addOption(new Option('--token <token>', 'an access token').env('DOCKET_TOKEN'))
    .option('--json', 'answer in JSON Lines');
  const connection = (): Connection => program.opts<Connection>();
  const show = (rows: readonly Row[]) => print(rows, connection().json);

  const cases = program.command('cases').description('Cases');
  cases
    .command('list')
    .description('cases of a status, a queue, an owner or a customer')
    .addOption(new Option('--status <status>').choices(['active', 'resolved', 'cancelled']))
    .option('--queue <id>')
    .option('--owner <id>')
    .option('--customer <id>')
    .addOption(limit)
    .action(async (options) => {
      const client = connect(connection());
      const query = {
        status: options.status,
        queueId: options.queue,
        ownerId: options.owner,
        customerId: options.customer,
      };
      const found = await upTo(options.limit, (cursor) =>
        answered(
          client.GET('/v1/cases', { params: { query: { ...query, limit: Math.min(100, options.limit), cursor } } }),
        ),
      );
      show(
        found.map(({ caseNumber, caseId, title, priority, statusReason, queueId, ownerId, sla }) => ({
          caseNumber,
          title,
          priority,
          statusReason,
          queue: queueId,
          owner: ownerId,
          due: sla.nextDueAt,
          caseId,
        })),
      );
    });
  cases
    .command('show <caseId>')
    .description('one case, whole')
    .action(async (caseId: string) => {
      const client = connect(connection());
      const found = await answered(client.GET('/v1/cases/{caseId}', { params: { path: { caseId } } }));
      if (connection().json) console.log(JSON.stringify(found));
      else
        for (const [field, value] of Object.entries(found))
          console.log(`${field}: ${typeof value === 'object' ? JSON.stringify(value) : value}`);
    });

  program
    .command('sla')
    .description('Service levels')
    .command('at-risk')
    .description('cases whose clocks have warned or are due within the hour, the next to be missed first')
    .addOption(limit)
    .action(async (options) => {
      const client = connect(connection());
      const found = await upTo(options.limit, (cursor) =>
        answered(
          client.GET('/v1/cases', {
            params: { query: { slaAtRisk: 'true', limit: Math.min(100, options.limit), cursor } },
          }),
        ),
      );
      show(
        found.map(({ caseNumber, title, priority, sla, queueId, ownerId, caseId }) => ({
          due: sla.nextDueAt,
          is: sla.status,
          caseNumber,
          title,
          priority,
          queue: queueId,
          owner: ownerId,
          caseId,
        })),
      );
    });

  program
    .command('queues')
    .description('Queues')
    .command('review')
    .description('how many wait in each queue, since when, and how many are at risk')
    .action(async () => {
      const client = connect(connection());
      const { items } = await answered(client.GET('/v1/reports/queue-review', {}));
      show(items);
    });

  program
    .command('replay')
    .description('What failed')
    .command('dlq')
    .description('lists what failed and was set aside, sets it going again, and tells what became of it')
    .addOption(new Option('--what <name>', 'only this').choices(Object.keys(failureQueues)))
    .option('--dry-run', 'list, and do nothing')
    .action(async (options: { what?: string; dryRun?: boolean }) => {
      const rows = await replay(connect(connection()), options);
      show(rows);
      const again = rows.filter(({ outcome }) => outcome === 'failedAgain').length;
      if (again > 0) throw new Refused(`${again} of ${rows.length} failed again and stay where they are.`);
    });

  program
    .command('seed')
    .description(
      'gives a fresh service a calendar, a default SLA, a subject and templates; what is there stays as it is',
    )
    .option('--time-zone <zone>', 'of the calendar', 'Europe/London')
    .action(async (options) => {
      const client = connect(connection());
      for (const { path, outcome } of await seedDefaults(client, options.timeZone)) console.log(`${outcome}  ${path}`);
    });

  return program;
};

/** Runs the command line and answers its exit code. */
export const run = async (argv: readonly string[]): Promise<number> => {
  try {
    await cli().parseAsync([...argv], { from: 'user' });
    return 0;
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    console.error(error.message);
    return 1;
  }
};
