import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { beforeAll, describe, expect, it } from 'vitest';
import { caseKey } from '../../functions/table/keys.ts';
import { clientOf } from '../support/api-client.ts';
import { mailbox, rawMail, sendMail } from '../support/mail-sender.ts';
import { withService } from '../support/service.ts';
import { post, sendWebhook, webhookChannel } from '../support/webhook-sender.ts';

const service = withService();

/** What people say of themselves and write, each in words that occur nowhere else. */
const SAID = {
  name: 'Wilhelmina Quarzfeld',
  address: 'wq@quarzfeld-needle.example',
  phone: '+49 1555 0123987',
  street: 'Obere Nadelgasse 17b',
  title: 'Zwitschermaschine raucht',
  text: 'Vorgestern explodierte meine Kaffeekanne',
  field: 'Blutgruppe Nullnegativ',
  file: 'roentgenbild-quarzfeld.txt',
};
const WORDS = ['Wilhelmina', 'Quarzfeld', '0123987', 'Nadelgasse', 'Zwitschermaschine', 'Kaffeekanne', 'Nullnegativ'];
const secrets: string[] = [];
let caseId: string;

/** Every line that the service has written, and every event that it has put on the bus. */
const written = (): { file: string; text: string }[] =>
  readdirSync(service.host.logs).map((file) => ({ file, text: readFileSync(join(service.host.logs, file), 'utf8') }));

/** Breaks an item in a way that whoever reads it chokes on, with somebody's words. */
const breakItem = async (key: { PK: string; SK: string }, attribute: string, value: unknown) => {
  const { url, tables } = service.host.database;
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  const client = DynamoDBDocumentClient.from(new DynamoDBClient({ endpoint: url, region: 'eu-west-1', credentials }));
  await client.send(
    new UpdateCommand({
      TableName: tables[0],
      Key: key,
      UpdateExpression: 'SET #name = :value',
      ExpressionAttributeNames: { '#name': attribute },
      ExpressionAttributeValues: { ':value': value },
    }),
  );
  client.destroy();
};

beforeAll(async () => {
  const { anna, admin, supervisor } = service;
  await admin.put('/v1/settings/custom-fields/blood', { label: 'Blood', type: 'text' });
  const { customerId } = (
    await anna.post('/v1/customers', { name: SAID.name, kind: 'contact', email: SAID.address, phone: SAID.phone })
  ).body;
  const fields = { title: SAID.title, description: SAID.text, customFields: { blood: SAID.field } };
  const opened = await anna.post('/v1/cases', { ...fields, customerId, origin: 'web', participants: [SAID.address] });
  expect(opened.status).toBe(201);
  caseId = opened.body.caseId;
  const on = `/v1/cases/${caseId}`;

  for (const [path, body] of [
    ['activities', { type: 'note', body: SAID.text }],
    ['activities', { type: 'email', direction: 'inbound', from: SAID.address, subject: SAID.title, body: SAID.street }],
    ['attachments', { name: SAID.file, contentType: 'text/plain', size: 1 }],
    ['broadcast', { text: SAID.text, visibility: 'internal' }],
    ['resolve', { resolutionType: 'problemSolved', resolution: SAID.text }],
    ['reactivate', {}],
    ['cancel', { note: SAID.text }],
    ['reactivate', {}],
    ['convert', { to: 'article' }],
  ] as const) {
    const { status, body: answer } = await anna.post(`${on}/${path}`, body);
    expect(status, JSON.stringify(answer)).toBeLessThan(300);
  }
  expect((await anna.patch(on, { title: `${SAID.title} wieder` })).status).toBe(200);

  // Whoever listens elsewhere, and does not answer.
  const subscription = { url: 'http://127.0.0.1:9/hook', types: ['case.created', 'case.updated'], enabled: true };
  secrets.push((await admin.put('/v1/settings/webhook-subscriptions/nowhere', subscription)).body.secret);

  // Messages that are taken in, that are refused, and that a mapping fails on.
  const from = { id: 'wq', name: SAID.name, email: SAID.address };
  const [shop, odd] = [
    await webhookChannel(service, 'shop'),
    await webhookChannel(service, 'odd', { mapping: { from: { id: '$number(from)' }, text: '$toMillis(text)' } }),
  ];
  const help = await mailbox(service, 'help');
  secrets.push(shop, odd, help);
  const message = { conversationId: 'c', from, subject: SAID.title, text: SAID.text };
  expect((await sendWebhook(service, 'shop', shop, message)).status).toBe(202);
  await sendWebhook(service, 'odd', odd, { from: SAID.name, text: SAID.text });
  await sendWebhook(service, 'shop', shop, `{"text": "${SAID.text}"`);
  await sendWebhook(service, 'shop', odd, message);
  await post(service.host.url, 'shop', SAID.text, { 'content-type': 'text/plain', 'webhook-id': SAID.name });
  await sendMail(
    service,
    'help',
    help,
    rawMail({ From: `${SAID.name} <${SAID.address}>`, Subject: SAID.title }, SAID.text),
  );
  await sendMail(service, 'help', help, `Content-Type: multipart/mixed; boundary=${SAID.name}\r\n\r\n${SAID.text}`);
  const { activities } = { activities: (await anna.get(`${on}/timeline`)).body.items };
  expect(activities.length).toBeGreaterThan(3);
  await anna.post(`${on}/replies`, { text: SAID.text, to: [SAID.address] });

  // Requests that are refused for what is in them.
  await anna.post('/v1/cases', { title: SAID.title, customerId: SAID.name, origin: SAID.text, [SAID.name]: 1 });
  await anna.post('/v1/cases', `{"title": "${SAID.title}`);
  await anna.post('/v1/cases', { ...fields, customerId, origin: 'web', parentId: SAID.name }, { key: SAID.name });
  await anna.get(`/v1/customers/${encodeURIComponent(SAID.name)}`);
  await anna.get(`/v1/nonsense/${encodeURIComponent(SAID.address)}/${encodeURIComponent(SAID.phone)}`);
  await anna.get(`/v1/search?q=${encodeURIComponent(SAID.name)}`);
  await anna.get(`/v1/customers?q=${encodeURIComponent(SAID.phone)}&cursor=${encodeURIComponent(SAID.name)}`);
  await supervisor.post('/v1/imports/cases', { rows: [{ title: SAID.title, customerId: SAID.name }] });
  await admin.put('/v1/settings/templates/broken', {
    name: SAID.name,
    kind: 'reply',
    language: 'en',
    body: `{% ${SAID.text}`,
  });
  await clientOf(service.host.url, `${SAID.name}.a.b`).get('/v1/cases');

  // Faults: items that nobody can read, with somebody's words in them.
  const broken = (await service.opened({ title: SAID.title })).caseId;
  await service.settled();
  await breakItem(caseKey(broken), 'priority', SAID.text);
  expect((await anna.get(`/v1/cases/${broken}`)).status).toBe(500);
  expect((await anna.post(`/v1/cases/${broken}/activities`, { type: 'note', body: SAID.text })).status).toBe(500);
  await service.settled();
  await service.clockTo('2026-03-02T10:00:00.000Z');
});

describe('what the service writes for whoever runs it', () => {
  it('is there: requests, faults, events and metrics', () => {
    const all = written();
    const text = (end: string) =>
      all
        .filter(({ file }) => file.endsWith(end))
        .map((one) => one.text)
        .join('\n');
    expect(text('.cases-api.log')).toContain('"message":"fault"');
    expect(text('.events.jsonl')).toContain(caseId);
    expect(text('.sweeper.log')).toContain('"_aws"');
  });

  it.each(WORDS)('never holds %s', (word) => {
    const forms = [word, encodeURIComponent(word), Buffer.from(word).toString('base64').replace(/=+$/, '')];
    const found = written().flatMap(({ file, text }) =>
      text
        .split('\n')
        .filter((line) => forms.some((form) => line.toLowerCase().includes(form.toLowerCase())))
        .map((line) => `${file}: ${line.slice(0, 400)}`),
    );
    expect(found).toEqual([]);
  });

  it('never holds a secret, a token or a signature', () => {
    expect(secrets.every((secret) => secret?.startsWith('whsec_'))).toBe(true);
    const all = written();
    for (const secret of secrets) {
      for (const { file, text } of all) expect(text.includes(secret.slice(6)), file).toBe(false);
    }
    for (const { file, text } of all)
      expect(/eyJ[\w-]+\.eyJ|Bearer |v1,[\w+/]{20}|whsec_/.exec(text)?.[0], file).toBe(undefined);
  });
});
