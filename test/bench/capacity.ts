/**
 * Prints the capacity units that each operation spends on the real local database, by what they are spent on. Counts,
 * not times: they are the same on every machine. Run by `npm run bench:capacity`.
 */
import { MINUTE, toInstant, toMs } from '../../domain/time.ts';
import { advanceCascade } from '../../functions/cascade/advance-cascade.ts';
import { routeNewCase } from '../../functions/routing/route-new-case.ts';
import { ringAlarm } from '../../functions/sla/ring-alarm.ts';
import { meter } from '../support/capacity-meter.ts';
import { deskOn } from '../support/desk.ts';
import { openLocalTable } from '../support/open-local-table.ts';
import { synthesisedApp } from '../support/synthesise.ts';

const MONDAY = '2026-03-09T09:00:00.000Z';

const { assembly, remove } = synthesisedApp();

const { local, stop } = await openLocalTable(assembly, MONDAY);
const desk = deskOn(local.services);
const { reset, read } = meter(local);

const measure = async <Result>(what: string, work: () => Promise<Result>): Promise<Result> => {
  local.clock.now = toInstant(toMs(local.clock.now) + MINUTE);
  reset();
  const result = await work();
  const { read: reads, write, on } = read();
  console.log(`\n${what}: ${write} write units, ${reads} read units`);
  for (const [name, units] of [...on].sort(([, a], [, b]) => b - a))
    console.log(`  ${String(units).padStart(5)}  ${name}`);
  return result;
};

const item = (kpi: string, targetMinutes: number) => ({ id: kpi, kpi, targetMinutes, warnMinutes: targetMinutes / 2 });
await desk.sla('standard', {
  name: 'Standard',
  isDefault: true,
  items: [item('firstResponse', 60), item('resolve', 480)],
});
await desk.settings({ closurePolicy: 'cascadeToChildren' });
await desk.open();
await desk.patch((await desk.open()).case.caseId, { title: 'Warm' });

const { case: subject } = await measure('create (two SLA clocks)', () => desk.open());
await measure('route', () => routeNewCase(desk.all, { caseId: subject.caseId, correlationId: 'bench' }));
await measure('pause (to waitingForDetails)', () => desk.patch(subject.caseId, { statusReason: 'waitingForDetails' }));
await measure('resume (to inProgress)', () => desk.patch(subject.caseId, { statusReason: 'inProgress' }));
await measure('record a note', () => desk.record(subject.caseId, { type: 'note', body: 'Called back' }));
local.clock.now = '2026-03-09T09:31:00.000Z';
const [{ epoch } = { epoch: 0 }] = (await local.services.cases.load(subject.caseId))?.kpis ?? [];
await measure('ring (a warning)', () =>
  ringAlarm(desk.all, { caseId: subject.caseId, kpi: 'firstResponse', generation: 1, epoch, next: local.clock.now }),
);
await measure('resolve', () => desk.resolve(subject.caseId));
await measure('reactivate', () => desk.reactivate(subject.caseId));

const parent = (await desk.open()).case.caseId;
for (let n = 0; n < 25; n += 1) {
  const child = await desk.open({ parentId: parent, customerId: undefined });
  await routeNewCase(desk.all, { caseId: child.case.caseId, correlationId: 'bench' });
}
await desk.resolve(parent);
const [started] = await desk.events(parent, 'case.cascadeStarted');
if (started?.fact.type !== 'case.cascadeStarted') throw new Error('The cascade did not start.');
const { cascadeId } = started.fact;
await measure('one cascade page', () => advanceCascade(desk.all, { parentId: parent, cascadeId, round: 1 }));
const closed = (await local.services.cases.load(parent))?.family.cascade?.closed;
console.log(`\nThe page closed ${closed} of 25 children.`);

await stop();
remove();
