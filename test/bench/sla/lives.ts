import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { toInstant, toMs } from '../../../domain/time.ts';
import { ringAlarm } from '../../../functions/sla/ring-alarm.ts';
import { startHost } from '../../../infra/local/host.ts';
import { type Client, clientOf } from '../../support/api-client.ts';
import { meter } from '../../support/capacity-meter.ts';
import { deskOn } from '../../support/desk.ts';
import { executionsOf } from '../../support/executions.ts';
import { openLocalTable } from '../../support/open-local-table.ts';

const START = '2026-03-02T09:00:00.000Z';
const HOUR = 60 * 60_000;
const SLA = {
  name: 'Day',
  isDefault: true,
  items: [{ id: 'all', kpi: 'resolve', targetMinutes: 480, warnMinutes: 360 }],
};

type Act = 'hold' | 'resume' | 'wait' | 'resolve';

/** What is done on a case, an hour apart; it waits until it has warned, then until it is breached. */
const LIVES: { name: string; acts: Act[]; goal?: number }[] = [
  { name: 'armed', acts: [], goal: 1 },
  { name: 'met', acts: ['resolve'] },
  { name: 'met, paused once', acts: ['hold', 'resume', 'resolve'], goal: 2 },
  { name: 'met, paused twice', acts: ['hold', 'resume', 'hold', 'resume', 'resolve'] },
  { name: 'warned and breached', acts: ['wait', 'wait', 'resolve'] },
];

/** Prints what the life of one clock costs, and answers whether the goals are met. */
export const benchLives = async (assembly: string): Promise<boolean> => {
  const transitions = await transitionsOf(assembly);
  const units = await unitsOf(assembly);
  console.log(
    '\nThe life of a clock: state transitions; write and read units beyond those of the same case without it',
  );
  console.log(`  ${''.padEnd(24)}${'transitions'.padStart(12)}${'write'.padStart(8)}${'read'.padStart(8)}`);
  for (const { name } of LIVES) {
    const { write = 0, read = 0 } = units.get(name) ?? {};
    console.log(
      `  ${name.padEnd(24)}${String(transitions.get(name)).padStart(12)}${String(write).padStart(8)}${String(read).padStart(8)}`,
    );
  }
  return LIVES.every(({ name, goal }) => goal === undefined || transitions.get(name) === goal);
};

const transitionsOf = async (assembly: string): Promise<Map<string, number>> => {
  const data = mkdtempSync(join(tmpdir(), 'docket-bench-'));
  const host = await startHost({ port: 0, data, speed: 0, clock: Date.parse(START), assembly });
  try {
    const admin = clientOf(host.url, await host.token({ sub: 'root', roles: ['admin'] }));
    await admin.put('/v1/settings/slas/day', SLA);
    await admin.post('/v1/customers', { id: 'ada', name: 'Ada Lovelace', kind: 'contact' });
    const counts = new Map<string, number>();
    for (const { name, acts } of LIVES) {
      const { body } = await admin.post('/v1/cases', { title: name, customerId: 'ada', origin: 'web' });
      await host.settled();
      for (const act of acts) {
        await host.advance(host.now() + (act === 'wait' ? 6 : 1) * HOUR);
        await carryOut(admin, body.caseId, act);
        await host.settled();
      }
      const executions = executionsOf(host);
      let sum = 0;
      for (const arn of await executions.all(body.caseId)) sum += await executions.transitions(arn);
      counts.set(name, sum);
    }
    return counts;
  } finally {
    await host.stop();
    rmSync(data, { recursive: true, force: true });
  }
};

const carryOut = async (client: Client, caseId: string, act: Act): Promise<void> => {
  const path = `/v1/cases/${caseId}`;
  if (act === 'hold') await client.patch(path, { statusReason: 'onHold' });
  if (act === 'resume') await client.patch(path, { statusReason: 'inProgress' });
  if (act === 'resolve') {
    await client.post(`${path}/resolve`, { resolutionType: 'problemSolved', resolution: 'Done' });
  }
};

interface Units {
  write: number;
  read: number;
}

/** By the use cases themselves, since a service's functions do not tell what they consume. */
const unitsOf = async (assembly: string): Promise<Map<string, Units>> => {
  const { local, stop } = await openLocalTable(assembly, START);
  try {
    const desk = deskOn(local.services);
    await desk.sla('day', SLA);
    const { reset, read } = meter(local);
    const spentOn = async (acts: readonly Act[], applySla: boolean): Promise<Units> => {
      reset();
      const { caseId } = (await desk.open({ applySla, queueId: 'default' })).case;
      const pass = (hours: number) => {
        local.clock.now = toInstant(toMs(local.clock.now) + hours * HOUR);
      };
      for (const act of acts) {
        pass(act === 'wait' ? 6 : 1);
        if (act === 'hold') await desk.patch(caseId, { statusReason: 'onHold' });
        if (act === 'resume') await desk.patch(caseId, { statusReason: 'inProgress' });
        if (act === 'resolve') await desk.resolve(caseId);
        if (act === 'wait' && applySla) {
          await ringAlarm(desk.all, { caseId, kpi: 'resolve', generation: 1, epoch: 1, next: local.clock.now });
        }
      }
      const { write, read: reads } = read();
      return { write, read: reads };
    };
    // Settings and queues are read once a process: not by the first life that is measured.
    await spentOn(['hold', 'resume', 'resolve'], true);
    const units = new Map<string, Units>();
    for (const { name, acts } of LIVES) {
      const [withIt, without] = [await spentOn(acts, true), await spentOn(acts, false)];
      units.set(name, { write: withIt.write - without.write, read: withIt.read - without.read });
    }
    return units;
  } finally {
    await stop();
  }
};
