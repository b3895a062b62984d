/**
 * Prints what a page of a list, a search and a report cost in read units with 100 cases and with 100,000, on the real
 * local database. Counts, not times: they are the same on every machine. Run by `npm run bench:growth`, which fails when
 * something costs more because there is more of it. `--cases` names another number.
 */
import { parseArgs } from 'node:util';
import type { CaseFile } from '../../domain/cases/case-file.ts';
import { caseNumberOf } from '../../domain/cases/case-number.ts';
import { cellOf } from '../../domain/reports/cell.ts';
import { countsOf } from '../../domain/reports/counts.ts';
import { reports } from '../../domain/reports/reports.ts';
import { untold } from '../../domain/reports/story.ts';
import { caseTerms } from '../../domain/search/case-terms.ts';
import { CASE_WORD_LEAD } from '../../domain/search/query.ts';
import { firstLetters } from '../../domain/search/words.ts';
import { settleKpi } from '../../domain/sla/settle-kpi.ts';
import { toInstant } from '../../domain/time.ts';
import type { Outcome, Request } from '../../functions/api/api.ts';
import { CaseFilter } from '../../functions/cases/case-filter.ts';
import { listCases } from '../../functions/cases/list-cases.ts';
import { listCustomers } from '../../functions/customers/customers.ts';
import { reviewQueues } from '../../functions/reports/queue-review.ts';
import { readReport } from '../../functions/reports/read-report.ts';
import { search } from '../../functions/search/search.ts';
import { caseItem, kpiItem, placementItem } from '../../functions/table/case-items.ts';
import { systemIds } from '../../functions/table/ids.ts';
import { caseTermsKey, exactPostingKey, reportRowKey, wordPostingKey } from '../../functions/table/keys.ts';
import { type Item, Transaction } from '../../functions/table/transaction.ts';
import { deskOn } from '../support/desk.ts';
import { fillTable } from '../support/fill-table.ts';
import { type LocalTable, openLocalTable } from '../support/open-local-table.ts';
import { synthesisedApp } from '../support/synthesise.ts';

const { values } = parseArgs({ options: { cases: { type: 'string', default: '100000' } } });
const FEW = 100;
const MANY = Number(values.cases);
const MONDAY = '2026-03-09T00:00:00.000Z';
const TUESDAY = '2026-03-10T00:00:00.000Z';
const QUARTER = 15 * 60_000;
const PEOPLE = 1_000;

const caller = { userId: 'sue', roles: ['agent' as const, 'supervisor' as const] };
const requestOf = <Query>(query: Query): Request<object, Query, unknown> => ({
  params: {},
  query,
  body: {},
  caller,
  correlationId: 'bench',
});

const { assembly, remove } = synthesisedApp();

/** The read units of each thing that is asked of a table with so many cases. */
const measure = async (count: number): Promise<Map<string, number>> => {
  const { local, stop } = await openLocalTable(assembly, MONDAY);
  const started = performance.now();
  await fill(local, count);
  console.log(`${count} cases written in ${((performance.now() - started) / 1000).toFixed(1)} s`);

  let units = 0;
  local.client.middlewareStack.add(
    (next) => async (args) => {
      Object.assign(args.input, { ReturnConsumedCapacity: 'TOTAL' });
      const result = await next(args);
      type Consumed = { CapacityUnits?: number };
      const { ConsumedCapacity = [] } = result.output as { ConsumedCapacity?: Consumed | Consumed[] };
      for (const { CapacityUnits = 0 } of [ConsumedCapacity].flat()) units += CapacityUnits;
      return result;
    },
    { step: 'initialize' },
  );
  const { services } = local;
  const spent = new Map<string, number>();
  const ask = async (what: string, answer: () => Promise<Outcome>) => {
    // Settings are read once a process, whatever is asked.
    await answer();
    units = 0;
    const outcome = await answer();
    if (!outcome.accepted) throw new Error(`${what}: ${outcome.detail}`);
    const { items } = outcome.body as { items: unknown[] };
    if (items.length === 0) throw new Error(`${what} found nothing`);
    spent.set(`${what} (${items.length} items)`, units);
  };
  const list = (filter: object) => () => listCases(services, requestOf(CaseFilter.parse({ limit: 25, ...filter })));
  await ask('cases of a queue', list({ queueId: 'default' }));
  await ask('cases of a customer', list({ customerId: 'ada' }));
  await ask('active cases, last modified', list({}));
  await ask('cases at risk', list({ slaAtRisk: 'true' }));
  for (const q of ['printer', 'printer floor', 'floor seventeen printer', 'CASE-000042', 'person000042']) {
    await ask(`search “${q}”`, () => search(services, requestOf({ q, limit: 25 })));
  }
  await ask('customers “person0”', () => listCustomers(services, requestOf({ q: 'person0', limit: 25 })));
  const period = { from: '2026-03-01', to: '2026-03-31', interval: 'day' as const };
  for (const [report, groupBy] of [
    [reports.productVolume, 'origin'],
    [reports.slaCompliance, 'kpi'],
    [reports.received, 'agent'],
  ] as const) {
    await ask(`${report.name} by ${groupBy}, a month by day`, () =>
      readReport(services, report, requestOf({ ...period, groupBy })),
    );
  }
  await ask('queue-review', () => reviewQueues(services, requestOf({ limit: 25 })));
  await stop();
  return spent;
};

/** Writes what so many cases leave in the table, past the service: each a copy of one that the service has made. */
const fill = async (local: LocalTable, count: number): Promise<void> => {
  const desk = deskOn(local.services);
  await desk.user('anna');
  const item = { id: 'solve', kpi: 'resolve', targetMinutes: 2880, warnMinutes: 60 };
  await desk.sla('standard', { name: 'Standard', isDefault: true, items: [item] });
  const model = await desk.open({ queueId: 'default', ownerId: 'anna', title: 'Printer' });
  for (let n = 0; n < Math.min(count, PEOPLE); n += 1) await makeKnown(local, n);

  const ids = systemIds();
  const sums = new Map<string, number>();
  const items = function* (): Iterable<Item> {
    for (let n = 0; n < count; n += 1) {
      const file = copyOf(model, ids.at(MONDAY), n);
      yield* itemsOf(file);
      const story = { ...untold, owners: { anna: file.case.createdOn }, queues: { default: file.case.createdOn } };
      for (const [text, value] of countsOf(story, file)) sums.set(text, (sums.get(text) ?? 0) + value);
    }
    yield* rowsOf(sums);
  };
  fillTable(local.file, local.name, items());
  local.clock.now = TUESDAY;
};

/** Opened in one of the quarters of Monday, and at risk on Tuesday. */
const copyOf = (model: CaseFile, caseId: string, n: number): CaseFile => {
  const createdOn = toInstant(Date.parse(MONDAY) + (n % 96) * QUARTER);
  const title = `Printer on floor ${n % 3 === 0 ? 'seventeen' : 'eighteen'} number${String(n).padStart(6, '0')}`;
  return {
    ...model,
    case: { ...model.case, caseId, caseNumber: caseNumberOf(n + 2), title, createdOn, modifiedOn: createdOn },
    ...(model.placement && { placement: { ...model.placement, caseId, since: createdOn } }),
    kpis: model.kpis.map((kpi) => settleKpi({ ...kpi, caseId }, TUESDAY).instance),
  };
};

const itemsOf = ({ case: subject, placement, kpis }: CaseFile): Item[] => {
  const { words, exact } = caseTerms(subject);
  const leads = Map.groupBy(words, (word) => firstLetters(word, CASE_WORD_LEAD));
  const { caseId, version } = subject;
  return [
    caseItem(subject),
    ...(placement ? [placementItem(placement)] : []),
    ...kpis.map((kpi) => kpiItem(kpi, TUESDAY)),
    { ...caseTermsKey(caseId), entity: 'terms', caseId, caseVersion: version, words, exact, revision: 1 },
    ...[...leads].map(([lead, some]) => ({ ...wordPostingKey(subject, lead), entity: 'posting', words: some })),
    ...exact.map((value) => ({ ...exactPostingKey(subject, value), entity: 'posting' })),
  ];
};

const rowsOf = (sums: ReadonlyMap<string, number>): Item[] => {
  const rows = new Map<string, Item>();
  for (const [text, n] of sums) {
    const cell = cellOf(text);
    const key = reportRowKey(1, cell, 'bench');
    const name = `${key.PK} ${key.SK}`;
    const row = rows.get(name) ?? { ...key, entity: 'report', dims: cell.dims };
    rows.set(name, { ...row, [`${cell.measure}@${cell.quarter}`]: n });
  }
  return [...rows.values()];
};

const makeKnown = async ({ services }: LocalTable, n: number): Promise<void> => {
  const customerId = `person${String(n).padStart(6, '0')}`;
  const about = { createdOn: MONDAY, createdBy: 'sue', modifiedOn: MONDAY, version: 1 };
  const transaction = new Transaction();
  services.customers.create(transaction, { customerId, name: `Ada ${customerId}`, kind: 'contact', ...about });
  await services.table.transact(transaction);
};

const [few, many] = [await measure(FEW), await measure(MANY)];
remove();
console.log(`\n${'read units'.padEnd(56)}${`${FEW} cases`.padStart(14)}${`${MANY} cases`.padStart(16)}`);
let grew = false;
for (const [what, units] of few) {
  const later = many.get(what);
  // Half a unit is what rounding an item's size up to the next 4 KB may add.
  grew ||= later === undefined || later > units + 0.5;
  console.log(`${what.padEnd(56)}${String(units).padStart(14)}${String(later ?? 'another page').padStart(16)}`);
}
process.exitCode = grew ? 1 : 0;
