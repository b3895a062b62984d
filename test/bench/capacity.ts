/**
 * Prints the capacity units that each operation spends on the real local database, by what they are spent on. Counts,
 * not times: they are the same on every machine. Run by `npm run bench:capacity`.
 */
import type { TransactWriteCommand } from '@aws-sdk/lib-dynamodb';
import { MINUTE, toInstant, toMs } from '../../domain/time.ts';
import { advanceCascade } from '../../functions/cascade/advance-cascade.ts';
import { routeNewCase } from '../../functions/routing/route-new-case.ts';
import { ringAlarm } from '../../functions/sla/ring-alarm.ts';
import { deskOn } from '../support/desk.ts';
import { type LocalTable, openLocalTable } from '../support/open-local-table.ts';
import { synthesisedApp } from '../support/synthesise.ts';

const MONDAY = '2026-03-09T09:00:00.000Z';

interface Spent {
  read: number;
  write: number;
  /** Write units by item or index; a write in a transaction costs two. */
  on: Map<string, number>;
}

interface Consumed {
  CapacityUnits?: number;
  ReadCapacityUnits?: number;
  WriteCapacityUnits?: number;
  Table?: { CapacityUnits?: number };
  GlobalSecondaryIndexes?: Record<string, { CapacityUnits?: number }>;
}

/** Has every call tell what it consumed, and adds it up. */
const meter = ({ client }: LocalTable) => {
  let spent: Spent;
  const reset = () => {
    spent = { read: 0, write: 0, on: new Map() };
  };
  reset();
  client.middlewareStack.add(
    (next, { commandName = '' }) =>
      async (args) => {
        Object.assign(args.input, { ReturnConsumedCapacity: 'INDEXES' });
        const result = await next(args);
        const consumed = [
          (result.output as { ConsumedCapacity?: Consumed | Consumed[] }).ConsumedCapacity ?? [],
        ].flat();
        const isWrite = /Write|Put|Update|Delete/.test(commandName);
        for (const one of consumed) {
          if (!isWrite) {
            spent.read += one.CapacityUnits ?? 0;
            continue;
          }
          spent.write += one.CapacityUnits ?? 0;
          for (const [index, { CapacityUnits = 0 }] of Object.entries(one.GlobalSecondaryIndexes ?? {}))
            add(index, CapacityUnits);
        }
        if (args.input instanceof Object && 'TransactItems' in args.input) {
          for (const item of (args.input as TransactWriteCommand['input']).TransactItems ?? []) add(nameOf(item), 2);
        }
        return result;
      },
    { step: 'initialize' },
  );
  const add = (name: string, units: number) => {
    if (units > 0) spent.on.set(name, (spent.on.get(name) ?? 0) + units);
  };
  return { reset, read: () => spent };
};

type TransactItem = NonNullable<TransactWriteCommand['input']['TransactItems']>[number];

const nameOf = ({ Put, Update, ConditionCheck, Delete }: TransactItem): string => {
  const key = Put?.Item ?? Update?.Key ?? Delete?.Key ?? ConditionCheck?.Key ?? {};
  const what =
    Put?.Item?.entity === 'event'
      ? `event ${Put.Item.fact.type}`
      : String(key.SK)
          .replace(/[0-9a-f-]{36}/g, '…')
          .replace(/#0+1$/, '');
  return `${what}${ConditionCheck ? ' (check)' : ''}`;
};

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
