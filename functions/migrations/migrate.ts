import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { documentClient } from '../table/table.ts';
import { migrateTable } from './migrate-table.ts';
import { MIGRATIONS } from './migrations.ts';

/** `npm run migrate`: runs what a table has not been through yet. `--help` tells its options. */

const HELP = `Brings the items of a deployed table to where this release writes them, while the service runs.

  --table <name>      the output TableName of the data stack, in the account and region of the shell's credentials
  --dry-run           counts what would change and writes nothing
  --segments <n>      parts of the table that are read side by side (4)
  --rate <n>          writes a second at most (100)

Ended anywhere, it goes on where it was. Migrations:
${MIGRATIONS.map(({ id, without }) => `  ${id}: without it ${without}`).join('\n')}`;

const { values } = parseArgs({
  options: {
    table: { type: 'string' },
    'dry-run': { type: 'boolean', default: false },
    segments: { type: 'string', default: '4' },
    rate: { type: 'string', default: '100' },
    help: { type: 'boolean', default: false },
  },
});
const tell = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

if (values.help || !values.table) {
  tell(HELP);
  process.exit(values.help ? 0 : 1);
}
for (const migration of MIGRATIONS) {
  let told = 0;
  const run = {
    client: documentClient(),
    tableName: values.table,
    segments: Number(values.segments),
    pageSize: 200,
    writesPerSecond: Number(values.rate),
    dryRun: values['dry-run'],
    sleep: (ms: number) => sleep(ms),
    progress: ({ scanned, changed }: { scanned: number; changed: number }) => {
      if (scanned - told < 10_000) return;
      told = scanned;
      tell(`${migration.id}: ${scanned} items read, ${changed} ${values['dry-run'] ? 'to change' : 'changed'}`);
    },
  };
  const { scanned, changed } = await migrateTable(run, migration);
  tell(`${migration.id}: done, ${scanned} items read, ${changed} ${values['dry-run'] ? 'to change' : 'changed'}`);
}
