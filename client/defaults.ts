import type { DocketClient } from './client.ts';

export interface Seeded {
  path: string;
  outcome: 'made' | 'there';
}

const weekday = [{ from: '09:00', to: '17:00' }];

/**
 * Sets a fresh service up sensibly: office hours, a default SLA by priority, and what most desks begin with. Each
 * document is made only where there is none of its id, so that running it again, or beside somebody's edits, changes
 * nothing. Answers what was made and what was there.
 */
export const seedDefaults = async (client: DocketClient, timeZone: string): Promise<Seeded[]> => {
  const seeded: Seeded[] = [];
  const unlessThere = async (
    path: string,
    there: Promise<{ response: Response }>,
    make: () => Promise<{ error?: unknown }>,
  ) => {
    const { response } = await there;
    if (response.status === 404) {
      const { error } = await make();
      if (error) throw new Error(`${path} was refused: ${JSON.stringify(error)}`);
    } else if (!response.ok) throw new Error(`${path} cannot be read: ${response.status}`);
    seeded.push({ path, outcome: response.status === 404 ? 'made' : 'there' });
  };

  const calendar = { path: { id: 'office-hours' } };
  await unlessThere('calendars/office-hours', client.GET('/v1/settings/calendars/{id}', { params: calendar }), () =>
    client.PUT('/v1/settings/calendars/{id}', {
      params: calendar,
      body: {
        name: 'Office hours',
        timeZone,
        weekly: { mon: weekday, tue: weekday, wed: weekday, thu: weekday, fri: weekday },
      },
    }),
  );

  const item = (kpi: 'firstResponse' | 'resolve', priority: 'urgent' | 'high' | undefined, targetMinutes: number) => ({
    id: [kpi === 'resolve' ? 'resolve' : 'first-response', priority ?? 'rest'].join('-'),
    kpi,
    ...(priority && { when: { field: 'priority', op: 'eq' as const, value: priority } }),
    targetMinutes,
    warnMinutes: Math.round(targetMinutes * 0.75),
    calendarId: 'office-hours',
    actions: {
      warn: [{ type: 'notify' as const, to: 'owner' }],
      breach: [{ type: 'notify' as const, to: 'supervisors' }],
    },
  });
  const sla = { path: { id: 'standard' } };
  await unlessThere('slas/standard', client.GET('/v1/settings/slas/{id}', { params: sla }), () =>
    client.PUT('/v1/settings/slas/{id}', {
      params: sla,
      body: {
        name: 'Standard',
        isDefault: true,
        items: [
          item('firstResponse', 'urgent', 60),
          item('firstResponse', 'high', 120),
          item('firstResponse', undefined, 480),
          item('resolve', 'urgent', 480),
          item('resolve', 'high', 960),
          item('resolve', undefined, 2400),
        ],
      },
    }),
  );

  for (const [id, name] of [
    ['billing', 'Billing'],
    ['technical', 'Technical'],
    ['other', 'Other'],
  ] as const) {
    const subject = { path: { id } };
    await unlessThere(`subjects/${id}`, client.GET('/v1/settings/subjects/{id}', { params: subject }), () =>
      client.PUT('/v1/settings/subjects/{id}', { params: subject, body: { name } }),
    );
  }
  return seeded;
};
