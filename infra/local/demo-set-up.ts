import { z } from 'zod';
import type { CaseSettings } from './demo-answers.ts';
import type { Actor, DemoService } from './demo-service.ts';

const TARGET = 20;
const WARNING = 12;

/** What every scene of the demo has at hand. */
export interface Stage {
  readonly service: DemoService;
  readonly admin: Actor;
  readonly agent: Actor;
  /** Prints a line with the service clock in front of it. */
  readonly tell: (line: string) => Promise<void>;
}

/** Queues, subjects, rules, service levels and the closure policy; making them again changes nothing. */
export async function setUp({ admin, tell }: Stage, settings: CaseSettings): Promise<void> {
  const queues = { 'demo-network': 'Network desk', 'demo-vip': 'Critical services', 'demo-escalation': 'Escalation' };
  for (const [id, name] of Object.entries(queues)) {
    await admin.put(`/v1/queues/${id}`, { name, visibility: 'public', members: ['demo-agent'] });
  }
  await tell(`Queues ${Object.keys(queues).join(', ')}`);

  await admin.put('/v1/settings/subjects/demo-network', { name: 'Network' });
  await admin.put('/v1/settings/subjects/demo-vpn', { name: 'VPN', parentId: 'demo-network' });
  await admin.put('/v1/settings/routing-rule-sets/demo', {
    name: 'Demo',
    rules: [
      { id: 'critical-customers', when: { field: 'customer.tier', op: 'eq', value: 'critical' }, queueId: 'demo-vip' },
      { id: 'network', when: { field: 'subjectId', op: 'under', value: 'demo-network' }, queueId: 'demo-network' },
    ],
    defaultQueueId: 'default',
  });
  await admin.post('/v1/settings/routing-rule-sets/demo/activate', {}, z.unknown());
  await tell(
    'Rule set demo: critical customers to demo-vip, subjects under Network to demo-network, others to default',
  );

  const actions = {
    warn: [{ type: 'notify', to: 'queue' }],
    breach: [
      { type: 'notify', to: 'supervisors' },
      { type: 'routeToQueue', queueId: 'demo-escalation' },
    ],
  };
  await admin.put('/v1/settings/slas/demo', {
    name: 'Demo, around the clock',
    items: [
      { id: 'answer', kpi: 'firstResponse', targetMinutes: 120 },
      {
        id: 'solve-critical',
        kpi: 'resolve',
        when: { field: 'customer.tier', op: 'eq', value: 'critical' },
        targetMinutes: TARGET,
        warnMinutes: WARNING,
        actions,
      },
      { id: 'solve', kpi: 'resolve', targetMinutes: 480, warnMinutes: 360, actions },
    ],
  });
  await tell(`SLA demo: critical customers within ${TARGET} min, warning at ${WARNING}; others within 8 h`);
  const maxChildren = Math.max(settings.maxChildren, 100);
  await admin.put('/v1/settings/case-settings', { ...settings, closurePolicy: 'cascadeToChildren', maxChildren });
  await tell('Closure policy: closing a parent closes its children');
}
