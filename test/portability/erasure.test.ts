import { describe, expect, it } from 'vitest';
import { everyItem } from '../support/api-client.ts';
import { withService } from '../support/service.ts';
import { everyStoredItem } from '../support/stored-items.ts';
import { sendWebhook, webhookChannel } from '../support/webhook-sender.ts';

const service = withService();

/** What nobody else in the table is called, is reached by, or says. */
const SECRETS = ['Wilhelmina', 'Quickborn', 'wilma@quickborn.example', '+49 4106 555', '@wilmaq', 'my cat Zorro'];
const person = {
  name: 'Wilhelmina Quickborn',
  email: 'wilma@quickborn.example',
  phone: '+49 4106 555',
  contactPoints: [{ channel: 'telegram', address: '@wilmaq' }],
  tier: 'gold',
};
const told = (what: string): string => `${what} of ${person.name}, ${person.email}, and my cat Zorro`;

const stored = (): Promise<string[]> => everyStoredItem(service.host);
/** But for articles: they belong to the organisation, and the erasure names those that were made from the cases. */
const findings = async (): Promise<string[]> =>
  (await stored())
    .filter((item) => !/"entity":"article/.test(item))
    .filter((item) => SECRETS.some((secret) => item.toLowerCase().includes(secret.toLowerCase())));

/** A customer with everything that may hold what is personal. */
const somebody = async () => {
  const { admin, anna, supervisor } = service;
  const { body: customer } = await anna.post(
    '/v1/customers',
    { kind: 'contact', ...person },
    { key: `made-${Math.random()}` },
  );
  const { customerId } = customer;
  await admin.put('/v1/settings/custom-fields/reason', { label: 'Reason', type: 'text' });
  await admin.put('/v1/settings/custom-fields/channel', {
    label: 'Channel',
    type: 'option',
    options: [{ value: 'post' }],
  });
  const { body: terms } = await supervisor.post(`/v1/customers/${customerId}/entitlements`, {
    name: 'Gold',
    allotment: 'cases',
    total: 10,
    startsOn: '2026-01-01',
    endsOn: '2026-12-31',
    decrementOn: 'onCreate',
  });
  await supervisor.post(`/v1/entitlements/${terms.entitlementId}/adjust`, { amount: 1, note: told('A gift') });
  const opened = await anna.post(
    '/v1/cases',
    {
      customerId,
      title: told('A case'),
      description: told('Something'),
      origin: 'email',
      labels: ['vip', person.name],
      participants: [person.email],
      product: 'router',
      customFields: { reason: told('Because'), channel: 'post' },
    },
    { key: `opened-${Math.random()}` },
  );
  const path = `/v1/cases/${opened.body.caseId}`;
  const activity = {
    type: 'email',
    direction: 'inbound',
    from: person.email,
    to: ['desk@example.com'],
    cc: [person.email],
  };
  const file = { name: `${person.name}.txt`, contentType: 'text/plain', size: 4 };
  const { body: attachment } = await anna.post(`${path}/attachments`, file);
  await fetch(attachment.uploadUrl, { method: 'PUT', headers: attachment.headers, body: 'meow' });
  const { body: kept } = await anna.get(`${path}/attachments/${attachment.attachmentId}`);
  const mail = {
    ...activity,
    subject: told('Mail'),
    body: told('Text'),
    attachmentIds: [attachment.attachmentId],
  };
  const { body: sent } = await anna.post(`${path}/activities`, mail, { key: `mail-${Math.random()}` });
  await anna.patch(`${path}/activities/${sent.activityId}`, { body: told('Another text') });
  await anna.post(`${path}/activities`, { type: 'task', subject: told('Call'), body: told('A task') });
  await anna.patch(path, { title: told('Another title'), customFields: { reason: told('Why not') } });
  const { body: lead } = await anna.post(`${path}/convert`, { to: 'lead' }, { key: `lead-${Math.random()}` });
  const { body: article } = await anna.post(`${path}/convert`, { to: 'article' });
  await anna.post(`${path}/resolve`, {
    resolutionType: 'problemSolved',
    resolution: told('An answer'),
    confirmCancelActivities: true,
  });
  await service.settled();
  return {
    customerId,
    caseId: opened.body.caseId as string,
    leadId: lead.id as string,
    articleId: article.id as string,
    fileUrl: kept.url as string,
  };
};

/** What reports say; when they were asked does not count. */
const reports = async () => {
  await service.settled();
  const asked = ['closed-by-reason', 'subject-volume', 'received', 'first-response', 'product-volume'];
  const answers = await Promise.all(
    asked.map((name) => service.supervisor.get(`/v1/reports/${name}?from=2026-01-01&to=2026-12-31`)),
  );
  return answers.map(({ body: { asOf: _now, ...report } }) => report);
};

describe('a customer who is to be forgotten', () => {
  it('is nowhere in the table afterwards, while facts, ids and counts stay', async () => {
    const { customerId, caseId, leadId, articleId, fileUrl } = await somebody();
    expect(await (await fetch(fileUrl)).text()).toBe('meow');
    const other = await service.opened({ customerId, title: 'Another' });
    expect((await findings()).length).toBeGreaterThan(10);
    const before = { reports: await reports(), audit: await everyItem(service.admin, `/v1/cases/${caseId}/audit`) };

    expect((await service.supervisor.post(`/v1/customers/${customerId}/erase`)).body.code).toBe('FORBIDDEN');
    const answer = await service.admin.post(`/v1/customers/${customerId}/erase`);
    expect(answer).toMatchObject({
      status: 202,
      body: { customerId, name: '[erased]', kind: 'contact', tier: 'gold', erasure: { state: 'running' } },
    });
    // Whoever opened a case just before is found by another round; until then the erasure knows whom it looks for.
    await service.clockTo('2026-03-02T09:02:30.000Z');
    expect(await findings()).toEqual([]);
    expect((await fetch(fileUrl)).status).toBe(404);
    const { body: customer } = await service.anna.get(`/v1/customers/${customerId}`);
    expect(customer.erasure).toMatchObject({ state: 'done', cases: 2, toReview: [{ kind: 'article', id: articleId }] });

    const { body: erased } = await service.anna.get(`/v1/cases/${caseId}`);
    expect(erased).toMatchObject({
      customerId,
      title: '[erased]',
      description: '[erased]',
      product: 'router',
      labels: ['vip', '[erased]'],
      customFields: { reason: '[erased]', channel: 'post' },
      status: 'resolved',
      resolution: { resolution: '[erased]', resolutionType: 'problemSolved' },
      erasedOn: expect.any(String),
    });
    expect((await service.anna.get(`/v1/cases/${other.caseId}`)).body.title).toBe('[erased]');
    expect((await service.anna.get(`/v1/leads/${leadId}`)).body).toMatchObject({ title: '[erased]', customerId });
    const audit = await everyItem(service.admin, `/v1/cases/${caseId}/audit`);
    expect(audit.slice(0, -1).map(({ id, action }) => [id, action])).toEqual(
      before.audit.map(({ id, action }) => [id, action]),
    );
    expect(audit.at(-1)).toMatchObject({ action: 'case.erased', actor: 'root' });
    expect(await reports()).toEqual(before.reports);
    for (const word of ['Quickborn', 'Zorro']) {
      expect((await service.anna.get(`/v1/search?q=${word}`)).body.items).toEqual([]);
    }
  });

  it('leaves what a merge has brought to somebody else’s case', async () => {
    const customerId = (await service.customer(person)) as string;
    const theirs = await service.opened({
      title: 'Of somebody else',
      customerId: await service.customer({ name: 'Bob' }),
    });
    const own = await service.opened({ customerId, participants: [person.email] });
    await service.anna.post(`/v1/cases/${own.caseId}/activities`, { type: 'note', body: told('A note') });
    await service.anna.post(`/v1/cases/${theirs.caseId}/activities`, { type: 'note', body: 'Bob’s note' });
    const body = { caseIds: [own.caseId], confirmDifferentCustomers: true };
    await service.supervisor.post(`/v1/cases/${theirs.caseId}/merge`, body);
    await service.settled();
    await service.admin.post(`/v1/customers/${customerId}/erase`);
    await service.clockTo('2026-03-02T09:06:00.000Z');
    expect(await findings()).toEqual([]);
    const timeline = await everyItem(service.anna, `/v1/cases/${theirs.caseId}/timeline`);
    const notes = timeline.filter(({ kind }) => kind === 'activity').map((note) => note.body);
    expect(notes.sort()).toEqual(['Bob’s note', '[erased]']);
    expect((await service.anna.get(`/v1/cases/${theirs.caseId}`)).body.title).toBe('Of somebody else');
  });

  it('is in no message that came in, and in no log of what was sent', async () => {
    const { admin, anna } = service;
    const url = 'https://hooks.invalid/docket';
    await admin.put('/v1/settings/webhook-subscriptions/crm', { url, types: ['case.created'], enabled: true });
    const secret = await webhookChannel(service, 'chat');
    const from = { id: '@wilmaq', name: person.name, email: person.email };
    const message = { conversationId: 'c-1', from, subject: told('A question'), text: told('Some text') };
    const { body } = await sendWebhook(service, 'chat', secret, message);
    await service.settled();
    expect((await findings()).filter((item) => /"entity":"(intake|delivery|contact)"/.test(item)).length).toBe(3);
    const { customerId } = (await anna.get(`/v1/cases/${body.caseId}`)).body;
    await admin.post(`/v1/customers/${customerId}/erase`);
    await service.clockTo('2026-03-02T09:10:00.000Z');
    expect(await findings()).toEqual([]);
    const { items } = (await admin.get('/v1/channels/chat/intake')).body;
    expect(items).toMatchObject([{ outcome: 'created', caseId: body.caseId, subject: '[erased]' }]);
    expect((await stored()).filter((item) => item.includes('"entity":"raw"'))).toEqual([]);
  });

  it('gets no new case and no new name', async () => {
    const customerId = await service.customer({ name: 'Ernst' });
    const { caseId } = await service.opened();
    await service.admin.post(`/v1/customers/${customerId}/erase`);
    const open = await service.anna.post('/v1/cases', { customerId, title: 'x', origin: 'web' });
    expect(open).toMatchObject({ status: 409, body: { code: 'CUSTOMER_ERASED' } });
    expect((await service.anna.patch(`/v1/cases/${caseId}`, { customerId })).body.code).toBe('CUSTOMER_ERASED');
    expect((await service.anna.patch(`/v1/customers/${customerId}`, { name: 'E' })).body.code).toBe('CUSTOMER_ERASED');
    expect((await service.admin.post('/v1/customers/nobody/erase')).body.code).toBe('NOT_FOUND');
  });
});
