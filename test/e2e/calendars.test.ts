import { beforeAll, describe, expect, it } from 'vitest';
import { clockStory, posts, readable } from '../support/diary.ts';
import { withService } from '../support/service.ts';

/** The service's clock stands at Monday 2 March 2026, 09:00 in London. */
const service = withService();
const nineToFive = [{ from: '09:00', to: '17:00' }];
const office = (timeZone: string, more: object = {}) => ({
  timeZone,
  weekly: { mon: nineToFive, tue: nineToFive, wed: nineToFive, thu: nineToFive, fri: nineToFive },
  ...more,
});
const put = (path: string, body: object) => service.admin.put(`/v1/settings/${path}`, body);
const resolveOn = (calendarId: string) => ({
  name: calendarId,
  items: [{ id: 'all', kpi: 'resolve', targetMinutes: 960, calendarId }],
});
const clockOf = async (caseId: string) => (await service.anna.get(`/v1/cases/${caseId}/sla`)).body.kpis[0];

beforeAll(async () => {
  const answers = [
    await put('holiday-lists/uk', { name: 'Bank holidays', holidays: [{ date: '2026-04-03', name: 'Good Friday' }] }),
    await put('calendars/ldn', office('Europe/London', { name: 'Office hours', holidayLists: ['uk'] })),
    await put('calendars/edi', office('Europe/London', { holidayLists: ['uk'], holidays: [{ date: '2026-11-30' }] })),
    await put('calendars/nyc', office('America/New_York')),
    await put('slas/ldn', resolveOn('ldn')),
    await put('slas/edi', resolveOn('edi')),
  ];
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200, 200]);
});

describe('a holiday list', () => {
  it('closes every calendar that uses it, and a new version of it is one of each of them', async () => {
    const before = await service.opened({ slaId: 'ldn' });
    const tuesday = { date: '2026-03-03', name: 'A day off' };
    const list = await put('holiday-lists/uk', { name: 'Bank holidays', holidays: [tuesday] });
    expect(list).toMatchObject({
      status: 200,
      body: {
        version: 2,
        calendars: [
          { id: 'edi', version: 2 },
          { id: 'ldn', version: 2 },
        ],
      },
    });
    expect((await service.anna.get('/v1/settings/calendars/nyc')).body.version).toBe(1);
    expect((await service.anna.get('/v1/settings/calendars/ldn')).body).toMatchObject({
      version: 2,
      holidayLists: ['uk'],
      holidayListVersions: [{ id: 'uk', version: 2 }],
    });

    // Who was promised before is due as before; who is promised now waits for Wednesday.
    const [old, ldn, edi] = [
      await clockOf(before.caseId),
      await clockOf((await service.opened({ slaId: 'ldn' })).caseId),
      await clockOf((await service.opened({ slaId: 'edi' })).caseId),
    ];
    expect([old.calendarVersion, readable(old.failAt)]).toEqual([1, '2026-03-03 17:00']);
    expect([ldn.calendarVersion, readable(ldn.failAt)]).toEqual([2, '2026-03-04 17:00']);
    expect([edi.calendarVersion, readable(edi.failAt)]).toEqual([2, '2026-03-04 17:00']);
    expect(ldn.because).toBe(
      '960 minutes of Office hours (version 2, Europe/London) from Mon 2 March 09:00; so due Wed 4 March 17:00.',
    );
  });

  it('that is saved as it was is no new version, of itself or of a calendar', async () => {
    const { body } = await service.anna.get('/v1/settings/holiday-lists/uk');
    const again = await put('holiday-lists/uk', { name: body.name, holidays: body.holidays });
    expect(again.body).toMatchObject({ version: body.version, calendars: [] });
  });

  it('is imported from an iCalendar file, and tells how far repeating days are written out', async () => {
    const ics = [
      'BEGIN:VCALENDAR',
      'X-WR-CALNAME:Germany',
      'BEGIN:VEVENT',
      'UID:unity',
      'DTSTART;VALUE=DATE:19901003',
      'RRULE:FREQ=YEARLY',
      'SUMMARY:Unity',
      'END:VEVENT',
      'END:VCALENDAR',
    ].join('\r\n');
    const { body } = await put('holiday-lists/de', { ics, toDate: '2027-12-31' });
    expect(body).toMatchObject({
      name: 'Germany',
      holidays: [
        { date: '2025-10-03', name: 'Unity' },
        { date: '2026-10-03', name: 'Unity' },
        { date: '2027-10-03', name: 'Unity' },
      ],
      imported: { events: 1, fromDate: '2025-01-01', toDate: '2027-12-31' },
    });
    expect((await put('holiday-lists/de', { ics })).body.imported.toDate).toBe('2036-12-31');
    expect((await put('holiday-lists/de', { ics: ics.replace('19901003', '19901033') })).body).toMatchObject({
      code: 'VALIDATION_FAILED',
      errors: [{ path: 'ics', message: 'line 5: DTSTART is no date: 1990-10-33' }],
    });
  });

  it('is not removed while a calendar uses it', async () => {
    expect((await service.admin.delete('/v1/settings/holiday-lists/uk')).body).toMatchObject({
      code: 'IN_USE',
      detail: 'The list is used by edi, ldn',
    });
    await put('holiday-lists/unused', { holidays: [] });
    expect((await service.admin.delete('/v1/settings/holiday-lists/unused')).status).toBe(200);
    expect((await put('calendars/fr', office('Europe/Paris', { holidayLists: ['unused'] }))).body).toMatchObject({
      code: 'VALIDATION_FAILED',
      errors: [{ path: 'holidayLists.0', message: 'there is no holiday list unused' }],
    });
  });

  it('needs holidays or a file, and not both', async () => {
    for (const body of [{}, { holidays: [], ics: 'BEGIN:VCALENDAR' }])
      expect((await put('holiday-lists/x', body)).body.code).toBe('VALIDATION_FAILED');
  });
});

describe('a calendar that its holidays close for ever', () => {
  const forEver = { fromDate: '1900-01-01', toDate: '2999-12-31' };

  it('is refused', async () => {
    const answer = await put('calendars/never', office('Europe/London', { holidays: [forEver] }));
    expect([answer.status, answer.body.code]).toEqual([400, 'CALENDAR_NEVER_OPEN']);
  });

  it('is refused as well when the holidays are those of a list', async () => {
    const answer = await put('holiday-lists/uk', { holidays: [forEver] });
    expect([answer.status, answer.body.code]).toEqual([400, 'CALENDAR_NEVER_OPEN']);
    expect((await service.anna.get('/v1/settings/calendars/ldn')).body.version).toBe(2);
  });
});

describe('the open clocks of a calendar', () => {
  const recompute = (body: object) => service.admin.post('/v1/settings/calendars/branch/recompute', body);
  const due = async (caseId: string) => {
    const { calendarVersion, status, failAt } = await clockOf(caseId);
    return [calendarVersion, status, readable(failAt)];
  };

  it('stay as they are when it changes, until somebody asks for more; and then it is told which have moved', async () => {
    await put('calendars/branch', office('Europe/London'));
    await put('slas/branch', {
      ...resolveOn('branch'),
      items: [{ id: 'all', kpi: 'resolve', targetMinutes: 960, warnMinutes: 480, calendarId: 'branch' }],
    });
    const opened = async () => (await service.opened({ slaId: 'branch', queueId: 'default' })).caseId as string;
    const [runs, waits, met] = [await opened(), await opened(), await opened()];
    const far = (await service.opened({ slaId: 'ldn' })).caseId;
    await service.anna.patch(`/v1/cases/${waits}`, { statusReason: 'onHold' });
    const resolution = { resolutionType: 'problemSolved', resolution: 'Done' };
    await service.anna.post(`/v1/cases/${met}/resolve`, resolution);
    const before = [await due(runs), await due(waits), await due(met), await due(far)];
    expect(before[0]).toEqual([1, 'inProgress', '2026-03-03 17:00']);

    await put('calendars/branch', office('Europe/London', { holidays: [{ date: '2026-03-03' }] }));
    expect(await due(runs)).toEqual(before[0]);

    const told = [];
    let cursor: string | undefined;
    do {
      const page = await recompute({ dryRun: true, ...(cursor && { cursor }) });
      expect(page.status).toBe(200);
      told.push(...page.body.items);
      cursor = page.body.nextCursor;
    } while (cursor);
    const moved = {
      caseId: runs,
      kpi: 'resolve',
      isMoved: true,
      old: { calendarVersion: 1, warnAt: '2026-03-02T17:00:00.000Z', failAt: '2026-03-03T17:00:00.000Z' },
      new: { calendarVersion: 2, warnAt: '2026-03-02T17:00:00.000Z', failAt: '2026-03-04T17:00:00.000Z' },
    };
    expect(told).toHaveLength(2);
    expect(told).toEqual(
      expect.arrayContaining([
        expect.objectContaining(moved),
        expect.objectContaining({ caseId: waits, status: 'paused', isMoved: false }),
      ]),
    );
    expect(await due(runs)).toEqual(before[0]);

    const begun = await recompute({});
    expect(begun).toMatchObject({ status: 202, body: { recomputation: { state: 'running', calendarVersion: 2 } } });
    await service.settled();
    expect(await due(runs)).toEqual([2, 'inProgress', '2026-03-04 17:00']);
    expect(await due(waits)).toEqual([2, 'paused', undefined]);
    expect([await due(met), await due(far)]).toEqual(before.slice(2));
    const [post] = await posts(service.anna, runs, 'sla.recomputed');
    expect(post).toMatchObject({
      failAt: '2026-03-04T17:00:00.000Z',
      before: { failAt: '2026-03-03T17:00:00.000Z', calendarVersion: 1 },
      because: '960 minutes of branch (version 2, Europe/London) from Mon 2 March 09:00; so due Wed 4 March 17:00.',
      actor: 'root',
    });

    // Another round, a minute later, finds nothing that the index hid.
    await service.clockTo('2026-03-02T09:03:00Z');
    const { body } = await service.admin.get('/v1/settings/calendars/branch/recompute');
    expect(body).toMatchObject({
      recomputation: { state: 'completed', recomputed: 2, moved: 1, failed: 0, by: 'root' },
      items: [moved],
    });
    expect(await posts(service.anna, runs, 'sla.recomputed')).toHaveLength(1);

    await service.clockTo('2026-03-05T09:00:00Z');
    expect(await clockStory(service.anna, runs)).toEqual([
      'resolve started 2026-03-02 09:00',
      'resolve recomputed 2026-03-02 09:00',
      'resolve warning 2026-03-02 17:00',
      'resolve breached 2026-03-04 17:00',
    ]);
  });

  it('of a calendar that there is not are not recomputed', async () => {
    expect((await service.admin.post('/v1/settings/calendars/nowhere/recompute', {})).status).toBe(404);
    expect((await service.admin.get('/v1/settings/calendars/nowhere/recompute')).status).toBe(404);
    expect((await service.anna.post('/v1/settings/calendars/branch/recompute', {})).status).toBe(403);
  });
});
