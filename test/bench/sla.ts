/**
 * Measures service levels: business time against other libraries, ten thousand timers in one minute, and what the life
 * of a clock costs. Run by `npm run bench:sla`, which fails when a goal is missed. `--timers` names another number.
 */
import { parseArgs } from 'node:util';
import { synthesisedApp } from '../support/synthesise.ts';
import { benchCalendars } from './sla/calendars.ts';
import { benchLives } from './sla/lives.ts';
import { benchTimers } from './sla/timers.ts';

// As the local host does: local time means nothing here.
process.env.TZ = 'UTC';
const { values } = parseArgs({ options: { timers: { type: 'string', default: '10000' } } });
const { assembly, remove } = synthesisedApp();
try {
  const goals = [
    ['business time at least 20 times as fast as other libraries', benchCalendars()],
    ['one transition to arm, two for a life with one pause and no warning', await benchLives(assembly)],
    ['no timer lost, none doubled, 99 in 100 within 5 s', await benchTimers(assembly, Number(values.timers))],
  ] as const;
  console.log('\nGoals');
  for (const [goal, isMet] of goals) console.log(`  ${isMet ? 'met   ' : 'MISSED'}  ${goal}`);
  process.exitCode = goals.every(([, isMet]) => isMet) ? 0 : 1;
} finally {
  remove();
}
