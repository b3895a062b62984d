import type { Answer, Client } from '../support/api-client.ts';

type Body = Answer['body'];

/** The name of whatever takes a name of one's own. */
const OWN = 'own';

/**
 * Makes one of everything through the API, and names by parameter what requests may be made about: where every id is made
 * up, all there is to hear is that there is no such thing.
 */
export const furnish = async (client: Client): Promise<Record<string, string[]>> => {
  const done = ({ status, body }: Answer): Body => {
    if (status >= 300) throw new Error(`${status} ${JSON.stringify(body)}`);
    return body;
  };
  const put = async (path: string, body: object): Promise<Body> => done(await client.put(path, body));
  const post = async (path: string, body: object = {}): Promise<Body> => done(await client.post(path, body));

  await put(`/v1/users/${OWN}`, { name: 'Ada', active: true });
  await put(`/v1/teams/${OWN}`, { name: 'Own', members: [OWN, 'root'] });
  await put(`/v1/queues/${OWN}`, { name: 'Own', visibility: 'public', members: ['root'] });
  await post('/v1/customers', { id: OWN, name: 'Ada Lovelace', kind: 'account' });
  const entitlement = await post(`/v1/entitlements`, {
    customerId: OWN,
    name: 'Own',
    allotment: 'cases',
    total: 1000,
    startsOn: '2020-01-01',
    endsOn: '2099-12-31',
    decrementOn: 'onCreate',
    restrictByTerms: false,
  });
  await post(`/v1/entitlements/${entitlement.id}/activate`);

  const setting = (kind: string, body: object, id = OWN) => put(`/v1/settings/${kind}/${id}`, body);
  await setting('calendars', { timeZone: 'Europe/London', weekly: { mon: [{ from: '09:00', to: '17:00' }] } });
  await setting('holiday-lists', { name: 'Own', holidays: [{ date: '2030-01-01' }] });
  await setting('slas', { name: 'Own', items: [{ id: 'solve', kpi: 'resolve', targetMinutes: 60, calendarId: OWN }] });
  await setting('subjects', { name: 'Own' });
  await setting('products', { name: 'Own' });
  await setting('custom-fields', { label: 'Own', type: 'text' });
  await setting('status-reasons', { status: 'active', label: 'Own', isOnHold: false, enabled: true });
  await setting('templates', { name: 'Own', kind: 'reply', language: 'en', body: 'Hello' });
  await setting('channels', { kind: 'webhook' });
  await setting('webhook-subscriptions', { url: 'https://receiver.invalid/', types: ['case.created'], enabled: true });
  await setting('routing-rule-sets', { name: 'Own', rules: [], defaultQueueId: 'default' });
  await setting('integrations', { name: 'Own', customers: [OWN] });
  await setting('process-flows', {
    name: 'Own',
    stages: [
      { id: 'first', name: 'First' },
      { id: 'last', name: 'Last' },
    ],
  });
  await setting('case-templates', { name: 'Own', case: { title: 'Own', customerId: OWN, origin: 'web' } });

  const open = async (fields: object = {}): Promise<string> =>
    (await post('/v1/cases', { title: 'Own', customerId: OWN, origin: 'web', queueId: OWN, slaId: OWN, ...fields }))
      .caseId;
  const [parent, closed, other, open1] = [await open(), await open(), await open(), await open()];
  const child = await open({ parentId: parent });
  await post(`/v1/cases/${closed}/resolve`, { resolutionType: 'problemSolved', resolution: 'Done' });
  const activity = await post(`/v1/cases/${other}/activities`, { type: 'task', body: 'Own', state: 'open' });
  const attachment = await post(`/v1/cases/${other}/attachments`, {
    name: 'a.txt',
    contentType: 'text/plain',
    size: 1,
  });
  const article = await post('/v1/articles', { title: 'Own', body: 'Own', visibility: 'internal' });
  const lead = await post(`/v1/cases/${open1}/convert`, { to: 'lead' });
  const opportunity = await post(`/v1/cases/${other}/convert`, { to: 'opportunity' });

  const cases = [parent, child, closed, other];
  return {
    id: [OWN, entitlement.id],
    userId: [OWN],
    queueId: [OWN],
    customerId: [OWN],
    channelId: [OWN],
    memberId: [OWN],
    kpi: ['resolve'],
    caseId: cases,
    otherId: cases,
    activityId: [activity.activityId],
    attachmentId: [attachment.attachmentId],
    articleId: [article.articleId],
    leadId: [lead.id],
    opportunityId: [opportunity.id],
  };
};
