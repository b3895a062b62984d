/**
 * Measures what comes in over channels: messages a second through the whole local service, beside the API in the same
 * run, and the capacity units of each. Run by `npm run bench:channels`; `--messages` names another number.
 */
import { parseArgs } from 'node:util';
import { synthesisedApp } from '../support/synthesise.ts';
import { benchThroughput } from './channels/throughput.ts';
import { benchUnits } from './channels/units.ts';

// As the local host does: local time means nothing here.
process.env.TZ = 'UTC';
const { values } = parseArgs({ options: { messages: { type: 'string', default: '500' } } });
const { assembly, remove } = synthesisedApp();
try {
  await benchUnits(assembly);
  await benchThroughput(assembly, Number(values.messages));
} finally {
  remove();
}
