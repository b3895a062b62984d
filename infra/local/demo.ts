import { parseArgs } from 'node:util';
import { z } from 'zod';
import { CaseAnswer, CaseSettings, Cases, type Entry, type Kpi, Sla, Timeline } from './demo-answers.ts';
import { type Actor, demoService, eventually } from './demo-service.ts';
import { type Stage, setUp } from './demo-set-up.ts';
import { HostProblem, messageOf } from './host-problem.ts';

/** `npm run demo`: a major incident in under a minute, told as it happens on a running local host. */

const HELP = `Plays a major incident on a running local host and tells it line by line.

  --url <address>   where it runs (http://localhost:3000); start it with: npm start -- --speed 60`;

const Anything = z.unknown();
const CHILDREN = 25;
/** Two customers that are promised more than the others: one waits on hold, the other is kept waiting. */
const HOSPITAL = 0;
const AIRPORT = 1;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { url: { type: 'string', default: 'http://localhost:3000' }, help: { type: 'boolean', default: false } },
  });
  if (values.help) return console.log(HELP);
  const started = performance.now();
  const service = await demoService(values.url.replace(/\/$/, ''));
  const [admin, agent] = await Promise.all([service.as('demo-admin', 'admin'), service.as('demo-agent', 'agent')]);
  const tell = async (line: string) => console.log(`${timeOf(await service.now())}  ${line}`);
  const stage = { service, admin, agent, tell };
  const pace = service.speed === 0 ? 'moved by this demo' : `${service.speed} times faster than real`;
  console.log(`Docket at ${values.url}. Times are those of the service clock, ${pace}.`);

  const { id: _id, version: _version, availableFields: _fields, ...before } = await caseSettings(admin);
  heading('Set-up');
  await setUp(stage, before);
  try {
    await play(stage);
  } finally {
    await admin.put('/v1/settings/case-settings', before);
  }
  const took = ((performance.now() - started) / 1000).toFixed(0);
  console.log(
    `\nThat took ${took} s. The closure policy is what it was before; the rule set "demo" stays active, its queues and SLA stay too.`,
  );
}

const caseSettings = (admin: Actor) => admin.get('/v1/settings/case-settings', CaseSettings);

async function play(stage: Stage): Promise<void> {
  heading('The incident');
  const { parent, children } = await incident(stage);
  const hospital = at(children, HOSPITAL);
  const airport = at(children, AIRPORT);
  await routed(stage, parent, children);
  const oldDeadline = await held(stage, hospital);
  await escalated(stage, airport);
  await resumed(stage, hospital, oldDeadline);
  await closed(stage, parent);
  await counted(stage, parent, children);
  await shown(stage, hospital);
}

async function incident({ agent, tell }: Stage) {
  const customers = Array.from({ length: CHILDREN }, (_, n) => ({
    id: `demo-${n + 1}`,
    name: n === HOSPITAL ? 'St Mary’s Hospital' : n === AIRPORT ? 'City Airport' : `Office ${n + 1}`,
    kind: 'account' as const,
    tier: n === HOSPITAL || n === AIRPORT ? 'critical' : 'standard',
  }));
  await Promise.all(customers.map((customer) => agent.knows(customer)));
  const parent = await agent.post(
    '/v1/cases',
    { title: 'VPN gateway down', customerId: 'demo-1', origin: 'web', subjectId: 'demo-vpn', applySla: false },
    CaseAnswer,
  );
  await tell(`${parent.caseNumber} "${parent.title}" opened: the parent`);
  const started = performance.now();
  const children = await Promise.all(
    customers.map(({ id, name }, n) =>
      agent.post(
        '/v1/cases',
        {
          parentId: parent.caseId,
          customerId: id,
          title: `${name}: no connection`,
          origin: 'email',
          priority: n === HOSPITAL || n === AIRPORT ? 'urgent' : 'normal',
          // Some callers cannot say what is broken.
          ...(n % 5 !== 4 && { subjectId: 'demo-vpn' }),
          slaId: 'demo',
          route: true,
        },
        CaseAnswer,
      ),
    ),
  );
  await tell(`${children.length} customers report it at once: ${children.length} child cases in ${since(started)}`);
  return { parent, children };
}

async function routed({ agent, tell }: Stage, parent: CaseAnswer, children: CaseAnswer[]): Promise<void> {
  const placed = await eventually('Routing', async () => {
    const { items } = await agent.get(`/v1/cases?parentId=${parent.caseId}&limit=100`, Cases);
    return items.length === children.length && items.every(({ queueId }) => queueId) ? items : undefined;
  });
  for (const [queueId, cases] of Object.entries(Object.groupBy(placed, (one) => one.queueId ?? ''))) {
    const one = cases?.[0];
    const entry = one && (await entries(agent, one)).find(({ type }) => type === 'case.routed');
    await tell(`${cases?.length} routed to ${queueId}, because ${entry?.because}`);
  }
}

/** Answers the hospital, puts its case on hold, and tells the deadline that no longer stands. */
async function held({ service, agent, tell }: Stage, hospital: CaseAnswer): Promise<string> {
  await service.take(4);
  const { failAt = '' } = await resolveKpi(agent, hospital);
  const path = `/v1/cases/${hospital.caseId}`;
  await agent.post(
    `${path}/activities`,
    { type: 'email', direction: 'outbound', body: 'We are on it. Which office are you calling from?' },
    Anything,
  );
  await agent.patch(path, { statusReason: 'waitingForDetails' });
  const { status, remainingMinutes } = await resolveKpi(agent, hospital);
  await tell(`${hospital.title}: answered, now waiting for details. Was due ${timeOf(failAt)}`);
  await tell(`  its clock is ${status} with ${remainingMinutes} min left, and no deadline stands`);
  return failAt;
}

async function escalated({ service, agent, tell }: Stage, airport: CaseAnswer): Promise<void> {
  const { warnAt = '', failAt = '' } = await resolveKpi(agent, airport);
  const happens = (type: string) =>
    eventually(`${type} on ${airport.caseNumber}`, async () =>
      (await entries(agent, airport)).findLast((entry) => entry.type === type),
    );
  await service.reach(warnAt);
  const warning = await happens('sla.warning');
  await tell(
    `${airport.title}: WARNING, dated ${timeOf(warning.occurredAt)}; ${await happens('sla.notified').then(told)}`,
  );
  await service.reach(failAt);
  const breach = await happens('sla.breached');
  await tell(`${airport.title}: BREACH, dated ${timeOf(breach.occurredAt)}`);
  const escalation = await eventually('The escalation', async () =>
    (await entries(agent, airport)).find(({ queueId }) => queueId === 'demo-escalation'),
  );
  await tell(
    `  ${await happens('sla.notified').then(told)}; routed to ${escalation.queueId}, because ${escalation.because}`,
  );
}

const told = ({ to }: Entry): string => `${to} notified`;

async function resumed({ service, agent, tell }: Stage, hospital: CaseAnswer, oldDeadline: string): Promise<void> {
  await service.reach(new Date(Date.parse(oldDeadline) + 120_000).toISOString());
  const { status } = await resolveKpi(agent, hospital);
  await tell(`${hospital.title}: ${timeOf(oldDeadline)} has passed while it waited; its clock is still ${status}`);
  const path = `/v1/cases/${hospital.caseId}`;
  await agent.post(`${path}/activities`, { type: 'email', direction: 'inbound', body: 'All of them.' }, Anything);
  const after = await resolveKpi(agent, hospital);
  const { statusReason } = await agent.get(path, CaseAnswer);
  await tell(`  the customer wrote, so it is ${statusReason} again, due ${timeOf(after.failAt ?? '')}`);
}

async function closed({ service, agent, tell }: Stage, parent: CaseAnswer): Promise<void> {
  await service.take(3);
  const path = `/v1/cases/${parent.caseId}`;
  const started = performance.now();
  await agent.post(
    `${path}/resolve`,
    { resolutionType: 'problemSolved', resolution: 'Gateway restarted', confirmCancelActivities: true },
    Anything,
  );
  await tell(`${parent.caseNumber} resolved: "Gateway restarted". Its children follow, page by page`);
  const code = await agent.refusal('/v1/cases', { parentId: parent.caseId, title: 'Too late', origin: 'email' });
  await tell(`  a child that is opened now is refused: ${code}`);
  let seen = 0;
  const end = await eventually('The end of the cascade', async () => {
    const { cascade } = await agent.get(path, CaseAnswer);
    if (!cascade) return undefined;
    if (cascade.closed > seen) await tell(`  ${cascade.closed} of ${cascade.total} closed`);
    seen = cascade.closed;
    return cascade.state === 'running' ? undefined : cascade;
  });
  await tell(`  the cascade is ${end.state} after ${since(started)}`);
}

async function counted({ agent }: Stage, parent: CaseAnswer, children: CaseAnswer[]): Promise<void> {
  heading('What became of it');
  const { items } = await agent.get(`/v1/cases/${parent.caseId}/children?limit=100`, Cases);
  console.log(`  children      ${countsOf(items.map(({ status }) => status))}`);
  const kpis = await Promise.all(children.map(async ({ caseId }) => agent.get(`/v1/cases/${caseId}/sla`, Sla)));
  for (const name of ['firstResponse', 'resolve']) {
    const statuses = kpis.flatMap((one) => one.kpis.filter(({ kpi }) => kpi === name).map(({ status }) => status));
    console.log(`  ${name.padEnd(14)}${countsOf(statuses)}`);
  }
  const facts = (await Promise.all(children.map((child) => entries(agent, child)))).flat();
  const alarms = facts.filter(({ type }) => ['sla.warning', 'sla.breached', 'sla.notified'].includes(type));
  console.log(`  facts         ${countsOf(alarms.map(({ type }) => type))}`);
}

async function shown({ agent }: Stage, child: CaseAnswer): Promise<void> {
  heading(`The timeline of ${child.caseNumber}, "${child.title}"`);
  for (const entry of await entries(agent, child)) {
    console.log(`  ${timeOf(entry.occurredAt)}  ${entry.type.padEnd(20)} ${detailOf(entry)}`);
  }
  heading('Why its deadline was what it was: GET …/sla');
  for (const { kpi, status, usedMinutes, segments } of (await agent.get(`/v1/cases/${child.caseId}/sla`, Sla)).kpis) {
    console.log(`  ${kpi}: ${status}, ${usedMinutes} min used`);
    for (const { from, to, kind, businessMinutes, cause } of segments) {
      const span = `${timeOf(from)} to ${to ? timeOf(to) : 'now'}`;
      console.log(`    ${span.padEnd(22)} ${kind.padEnd(8)} ${String(businessMinutes).padStart(3)} min  ${cause}`);
    }
  }
}

const detailOf = ({
  kind,
  direction,
  body,
  kpi,
  failAt,
  queueId,
  because,
  to,
  resolution,
  changes = [],
}: Entry): string =>
  (kind === 'activity'
    ? [direction, body]
    : [
        kpi,
        failAt && `due ${timeOf(failAt)}`,
        queueId && `to ${queueId}`,
        because,
        to && `to ${to}`,
        resolution,
        ...changes.filter(({ field }) => field === 'statusReason').map(({ new: reason }) => `now ${reason}`),
      ]
  )
    .filter(Boolean)
    .join(', ');

const entries = async (agent: Actor, { caseId }: CaseAnswer): Promise<Entry[]> =>
  (await agent.get(`/v1/cases/${caseId}/timeline?limit=100`, Timeline)).items;

async function resolveKpi(agent: Actor, { caseId }: CaseAnswer): Promise<Kpi> {
  const { kpis } = await agent.get(`/v1/cases/${caseId}/sla`, Sla);
  const found = kpis.findLast(({ kpi }) => kpi === 'resolve');
  if (!found) throw new HostProblem(`The case ${caseId} has no clock for resolve.`);
  return found;
}

const at = (cases: CaseAnswer[], n: number): CaseAnswer => {
  const found = cases[n];
  if (!found) throw new HostProblem('A child case is missing.');
  return found;
};

const countsOf = (words: string[]): string =>
  Object.entries(Object.groupBy(words, (word) => word))
    .map(([word, all]) => `${all?.length ?? 0} ${word}`)
    .join(', ');

const heading = (text: string) => console.log(`\n${text}`);
const timeOf = (instant: string): string => instant.slice(11, 19);
const since = (started: number): string => `${((performance.now() - started) / 1000).toFixed(1)} s`;

const isBadArgument = (error: unknown) =>
  error instanceof TypeError && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS');

main().catch((error: unknown) => {
  console.error(error instanceof HostProblem || isBadArgument(error) ? messageOf(error) : error);
  process.exit(1);
});
