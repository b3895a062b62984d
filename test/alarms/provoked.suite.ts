import { SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { beforeAll, describe, expect, it } from 'vitest';
import { callAws } from '../../infra/local/aws-endpoint.ts';
import { REGION } from '../../infra/local/template.ts';
import { brokenCase, unreadable } from '../support/broken-cases.ts';
import { executionsOf } from '../support/executions.ts';
import { always, receivers } from '../support/receiver.ts';
import { withService } from '../support/service.ts';

/**
 * Alarms of the templates, provoked one after the other on the local service: what the alarm says is held against what
 * the functions really emit. Each test's name begins with the alarm's, by which the runbook tells that it was tried.
 */
const service = withService();
const receiver = receivers();

const MINUTE = 60_000;
const stateOf = (name: string) => service.host.alarms().find((alarm) => alarm.name === `docket-local-${name}`)?.state;
/** Metrics that functions log arrive a moment after their answers. */
const becomes = (state: 'OK' | 'ALARM', ...names: string[]) =>
  expect
    .poll(() => names.map((name) => `${name} ${stateOf(name)}`), { timeout: 10_000 })
    .toEqual(names.map((name) => `${name} ${state}`));
const pass = (minutes: number) => service.host.advance(service.host.now() + minutes * MINUTE);
const passUntil = (instant: string, ms = 0) => service.host.advance(Date.parse(instant) + ms);

/** Starts an execution of the timers' state machine, as nobody but the service itself should. */
const startTimer = async (name: string, input: object) => {
  const { url, machines } = service.host.stepFunctions;
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  const client = new SFNClient({ endpoint: url, region: REGION, credentials });
  await client.send(new StartExecutionCommand({ stateMachineArn: machines[0], name, input: JSON.stringify(input) }));
  client.destroy();
};

/** A case with a clock of an hour whose timer was lost, and when it is due. */
const caseWithoutTimer = async (): Promise<{ caseId: string; dueAt: string }> => {
  const { caseId } = await service.opened({ slaId: 'hour' });
  await service.settled();
  const executions = executionsOf(service.host);
  for (const arn of await executions.running(caseId)) await executions.stop(arn);
  const { body } = await service.anna.get(`/v1/cases/${caseId}/sla`);
  return { caseId, dueAt: body.kpis[0].failAt };
};

describe('provoked', () => {
  beforeAll(async () => {
    const weekday = [{ from: '00:00', to: '24:00' }];
    const weekly = Object.fromEntries(['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'].map((day) => [day, weekday]));
    await service.admin.put('/v1/settings/calendars/always', { timeZone: 'Europe/London', weekly });
    const items = [{ id: 'resolve', kpi: 'resolve', targetMinutes: 60, calendarId: 'always' }];
    const { status, body } = await service.admin.put('/v1/settings/slas/hour', { name: 'Hour', items });
    expect([status, body.code]).toEqual([200, undefined]);
  });

  it('sweeper-silent: until the sweeper has been called once', async () => {
    await becomes('ALARM', 'sweeper-silent', 'sla-engine-unhealthy');
    await pass(1);
    await becomes('OK', 'sweeper-silent', 'sla-engine-unhealthy');
  });

  it('nothing else rings on a service that does what it should', async () => {
    await service.opened({ slaId: 'hour' });
    await pass(70);
    await pass(1);
    const ringing = service.host.alarms().filter(({ state }) => state === 'ALARM');
    expect(ringing.map(({ name }) => name)).toEqual([]);
  });

  it('overdue-timers: a timer that was lost, whose breach the sweeper finds', async () => {
    const { dueAt } = await caseWithoutTimer();
    await passUntil(dueAt);
    await becomes('OK', 'overdue-timers');
    await pass(2);
    await becomes('ALARM', 'overdue-timers', 'sla-engine-unhealthy');
    await pass(2);
    await becomes('OK', 'overdue-timers', 'sla-engine-unhealthy');
  });

  it('timers-late: a timer that rings a minute after it was due', async () => {
    const { caseId, dueAt } = await caseWithoutTimer();
    const next = new Date(Date.parse(dueAt) + 61_000).toISOString();
    await startTimer('late', { caseId, kpi: 'resolve', generation: 1, epoch: 1, next });
    // The sweeper looks just before, when the timer is not lost yet, and again only after it has rung.
    await passUntil(dueAt, 30_000);
    await becomes('OK', 'timers-late');
    await passUntil(next);
    await becomes('ALARM', 'timers-late', 'sla-engine-unhealthy');
    await pass(6);
    await becomes('OK', 'timers-late', 'sla-engine-unhealthy');
  });

  it('sla-timer-failed, ring: a timer whose input nobody can read', async () => {
    await startTimer('broken', { caseId: 'nobody', next: new Date(service.host.now()).toISOString() });
    await service.settled();
    await becomes('ALARM', 'sla-timer-failed', 'ring', 'sla-engine-unhealthy');
    await pass(6);
    await becomes('OK', 'sla-timer-failed', 'ring', 'sla-engine-unhealthy');
  });

  it('unrouted-cases: a new case of which the stream did not tell', async () => {
    const { mend } = await brokenCase(service, () => undefined);
    await mend();
    await pass(2);
    await becomes('ALARM', 'unrouted-cases');
    await pass(2);
    await becomes('OK', 'unrouted-cases');
  });

  it('parked-reactions, unprojected-facts: a case that no code can read', async () => {
    const { tell, mend } = await brokenCase(service, unreadable);
    await tell();
    await service.settled();
    await becomes('OK', 'parked-reactions', 'unprojected-facts');
    await pass(6);
    await becomes('ALARM', 'parked-reactions', 'unprojected-facts');
    await mend();
    await pass(15);
    await pass(2);
    await becomes('OK', 'parked-reactions', 'unprojected-facts');
  });

  it('api-faults: five requests that end in 500', async () => {
    const { caseId, mend } = await brokenCase(service, unreadable);
    for (let n = 1; n <= 5; n += 1) {
      await becomes('OK', 'api-faults');
      expect((await service.anna.get(`/v1/cases/${caseId}`)).status).toBe(500);
    }
    await becomes('ALARM', 'api-faults');
    await mend();
    await pass(6);
    await becomes('OK', 'api-faults');
  });

  it('reactions-given-up, relay-given-up: a fact of a case that is not there', async () => {
    const { tell, mend } = await brokenCase(service, () => undefined);
    await tell();
    await service.settled();
    await becomes('ALARM', 'reactions-given-up', 'relay-given-up', 'sla-engine-unhealthy');
    await mend();
    await pass(6);
    await becomes('OK', 'reactions-given-up', 'relay-given-up', 'sla-engine-unhealthy');
    await pass(15);
  });

  it('slow-deliveries, late-deliveries: a delivery that nobody sends for twenty minutes', async () => {
    // The first answer is a failure, so that there is something to send again; the second shows that it works.
    const { url } = await receiver((response, _, n) => void response.writeHead(n === 1 ? 500 : 200).end());
    await service.admin.put('/v1/settings/webhook-subscriptions/slow', { url, types: ['case.created'] });
    for (let n = 1; n <= 2; n += 1) {
      await service.opened();
      await service.settled();
    }
    await becomes('OK', 'slow-deliveries', 'late-deliveries');
    await pass(20);
    await becomes('ALARM', 'slow-deliveries', 'late-deliveries');
    await pass(6);
    await becomes('OK', 'slow-deliveries', 'late-deliveries');
  });

  it('subscriptions-disabled: a receiver that says that it is gone', async () => {
    const { url } = await receiver(always(410));
    await service.admin.put('/v1/settings/webhook-subscriptions/gone', { url, types: ['case.created'] });
    await service.opened();
    await service.settled();
    await becomes('ALARM', 'subscriptions-disabled');
    await pass(6);
    await becomes('OK', 'subscriptions-disabled');
  });

  it('deliveries-given-up: a receiver that does not take one event in three days', async () => {
    const { url } = await receiver(
      (response, { event }) => void response.writeHead(event.data.case?.title === 'Poison' ? 500 : 200).end(),
    );
    const path = '/v1/settings/webhook-subscriptions/picky';
    await service.admin.put(path, { url, types: ['case.created'] });
    await service.opened({ title: 'Poison' });
    await service.settled();
    for (let attempts = 1; stateOf('deliveries-given-up') === 'OK' && attempts < 20; attempts += 1) {
      // Others get through meanwhile.
      await service.opened();
      await pass(27 * 60);
      await service.settled();
    }
    await becomes('ALARM', 'deliveries-given-up');
    await pass(6);
    await becomes('OK', 'deliveries-given-up');
  });

  it('mail-feedback: something that SES tells of a mail, in a form that nobody knows', async () => {
    const mail = { tags: { 'ses:configuration-set': ['docket-local'], activityId: ['none'] } };
    const Entries = [{ Source: 'aws.ses', DetailType: 'Email Bounced', Detail: JSON.stringify({ mail }) }];
    await callAws(service.host.stepFunctions.url, 'AWSEvents.PutEvents', { Entries });
    await service.settled();
    await becomes('ALARM', 'mail-feedback');
    await pass(6);
    await becomes('OK', 'mail-feedback');
  });
});
