import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Answer, everyItem } from '../support/api-client.ts';
import type { Target } from './target.ts';

type Body = Answer['body'];

/** What was there before an update, as the API told it. */
export interface Left {
  readonly running: Body;
  readonly held: Body;
  readonly closed: Body;
  readonly deadline: string;
}

const accepted = ({ status, body }: Answer): Body => {
  if (status >= 300) throw new Error(`${status} ${JSON.stringify(body)}`);
  return body;
};
const resolveClock = async ({ agent }: Target, { caseId }: Body): Promise<Body> =>
  accepted(await agent.get(`/v1/cases/${caseId}/sla`)).kpis.find(({ kpi }: Body) => kpi === 'resolve');
const read = async ({ agent }: Target, { caseId }: Body): Promise<Body> =>
  accepted(await agent.get(`/v1/cases/${caseId}`));

/** Leaves cases behind: one whose clock of a minute runs, one whose clock is held, and one that is closed. */
export const leaveInFlight = async (target: Target): Promise<Left> => {
  const { agent, admin } = target;
  const sla = { name: 'In flight', items: [{ id: 'solve', kpi: 'resolve', targetMinutes: 1 }] };
  accepted(await admin.put('/v1/settings/slas/in-flight', sla));
  accepted(await agent.post('/v1/customers', { id: 'in-flight', name: 'Ada', kind: 'contact' }));
  const body = { title: 'In flight', customerId: 'in-flight', origin: 'web', slaId: 'in-flight', queueId: 'default' };
  const [closed, held, running] = [
    accepted(await agent.post('/v1/cases', body)),
    accepted(await agent.post('/v1/cases', body)),
    accepted(await agent.post('/v1/cases', body)),
  ];
  const done = { resolutionType: 'problemSolved', resolution: 'Done' };
  accepted(await agent.post(`/v1/cases/${closed.caseId}/resolve`, done));
  accepted(await agent.patch(`/v1/cases/${held.caseId}`, { statusReason: 'onHold' }));
  const { failAt: deadline } = await resolveClock(target, running);
  return { running, held: await read(target, held), closed: await read(target, closed), deadline };
};

/** Checks after the update that nothing of it has changed, and that the clock that ran rings at its minute, once. */
export const findInFlight = async (target: Target, { running, held, closed, deadline }: Left): Promise<void> => {
  assert.deepEqual(await read(target, held), held);
  assert.deepEqual(await read(target, closed), closed);
  assert.equal((await resolveClock(target, held)).status, 'paused');

  // What is read tells of a missed deadline at once; only the timeline tells that its alarm has rung.
  const breaches = async (): Promise<Body[]> =>
    (await everyItem(target.agent, `/v1/cases/${running.caseId}/timeline`)).filter(
      ({ type }) => type === 'sla.breached',
    );
  const patience = Date.parse(deadline) + 60_000;
  while ((await breaches()).length === 0 && Date.now() < patience) await sleep(1000);
  assert.deepEqual(
    (await breaches()).map(({ kpi }) => kpi),
    ['resolve'],
  );
  const { status, breachedAt } = await resolveClock(target, running);
  assert.deepEqual({ status, breachedAt }, { status: 'noncompliant', breachedAt: deadline });
};
