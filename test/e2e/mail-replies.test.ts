import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import PostalMime, { type Email } from 'postal-mime';
import { describe, expect, it } from 'vitest';
import { callAws } from '../../infra/local/aws-endpoint.ts';
import { everyItem } from '../support/api-client.ts';
import { beneath } from '../support/broken-cases.ts';
import { mailbox, rawMail, sendMail } from '../support/mail-sender.ts';
import { withService } from '../support/service.ts';

const service = withService();
const bytes = Buffer.from('%PDF-1.7 not really');

interface Left {
  mail: Email;
  header(name: string): string | undefined;
  envelope: {
    messageId: string;
    from: string;
    to: string[];
    cc: string[];
    bcc: string[];
    tags: Record<string, string>;
  };
}

/** Whatever has left about a case, the oldest first. */
const left = async (caseId: string): Promise<Left[]> => {
  await service.settled();
  const { outbox } = service.host;
  const envelopes = readdirSync(outbox).filter((name) => name.endsWith('.json'));
  const all = envelopes.sort().map(async (name) => {
    const mail = await PostalMime.parse(readFileSync(join(outbox, name.replace('.json', '.eml'))));
    const header = (key: string) => mail.headers.find((one) => one.key === key)?.value;
    return { mail, header, envelope: JSON.parse(readFileSync(join(outbox, name), 'utf8')) };
  });
  return (await Promise.all(all)).filter(({ envelope }) => envelope.tags.caseId === caseId);
};
const lastLeft = async (caseId: string): Promise<Left> => (await left(caseId)).at(-1)!;

const timeline = (caseId: string) => everyItem(service.anna, `/v1/cases/${caseId}/timeline`);
const activity = async (caseId: string, activityId: string) =>
  (await timeline(caseId)).find((one) => one.activityId === activityId && one.kind === 'activity');
const reply = async (caseId: string, fields: object) => {
  const answer = await service.anna.post(`/v1/cases/${caseId}/replies`, fields);
  expect(answer.status, JSON.stringify(answer.body)).toBe(202);
  await service.settled();
  return answer.body;
};

describe('a conversation by mail', () => {
  it('is answered by a machine and a person, and goes on however the customer answers', async () => {
    const template = { name: 'Thanks', kind: 'autoReply', language: 'en', body: 'We call it {{ case.referenceKey }}.' };
    await service.supervisor.put('/v1/settings/templates/thanks-by-mail', template);
    const fields = { fromName: 'The shop', signature: 'Yours, <shop>', autoReply: { templateId: 'thanks-by-mail' } };
    const secret = await mailbox(service, 'shop', fields);
    const first = rawMail({ 'Message-ID': '<first@example.com>', Subject: 'Über den Drucker' });
    const { caseId } = (await sendMail(service, 'shop', secret, first)).body;
    const { referenceKey } = (await service.anna.get(`/v1/cases/${caseId}`)).body;

    const [machine] = await left(caseId);
    expect(machine?.mail).toMatchObject({
      from: { name: 'The shop', address: 'shop@ours.example' },
      to: [{ address: 'ada@example.com' }],
      subject: `Re: Über den Drucker [${referenceKey}]`,
      inReplyTo: '<first@example.com>',
      text: expect.stringContaining(`We call it ${referenceKey}.`),
    });
    expect(machine?.header('auto-submitted')).toBe('auto-replied');
    expect(machine?.header('x-auto-response-suppress')).toBe('All');

    const file = { name: 'Plan für Ada.pdf', contentType: 'application/pdf', size: bytes.length };
    const made = (await service.anna.post(`/v1/cases/${caseId}/attachments`, file)).body;
    await fetch(made.uploadUrl, { method: 'PUT', headers: made.headers, body: bytes });
    const { activityId } = await reply(caseId, {
      text: 'Where does it burn? 🔥',
      html: '<p>Where does it <b>burn</b>? 🔥</p>',
      cc: ['Bob <bob@example.com>'],
      bcc: ['boss@ours.example'],
      attachmentIds: [made.attachmentId],
    });
    const { mail, header, envelope } = await lastLeft(caseId);
    expect(mail).toMatchObject({
      subject: `Re: Über den Drucker [${referenceKey}]`,
      cc: [{ name: 'Bob', address: 'bob@example.com' }],
      attachments: [{ filename: 'Plan für Ada.pdf', mimeType: 'application/pdf' }],
    });
    expect(mail.text?.trim()).toBe('Where does it burn? 🔥\n\nYours, <shop>');
    expect(mail.html?.trim()).toBe('<p>Where does it <b>burn</b>? 🔥</p><p>Yours, &lt;shop&gt;</p>');
    expect(Buffer.from(mail.attachments[0]!.content as ArrayBuffer)).toEqual(bytes);
    expect([mail.inReplyTo, mail.references]).toEqual(['<first@example.com>', '<first@example.com>']);
    expect(header('auto-submitted')).toBeUndefined();
    expect(header('bcc')).toBeUndefined();
    expect(envelope).toMatchObject({ from: 'shop@ours.example', bcc: ['boss@ours.example'], tags: { activityId } });
    const sent = { delivery: 'sent', sending: { externalId: envelope.messageId } };
    expect(await activity(caseId, activityId)).toMatchObject(sent);

    // By the id that SES has given it, by the one that we gave it, and by the key alone.
    expect(mail.messageId).toBe(`<${envelope.messageId}@eu-west-1.amazonses.com>`);
    for (const headers of [
      { 'In-Reply-To': mail.messageId, Subject: 'No key' },
      { References: `<other@example.com> <${activityId}@shop.example> <${activityId}@ours.example>`, Subject: 'None' },
      { Subject: `AW: Drucker [${referenceKey}]` },
      { Subject: referenceKey.toLowerCase(), From: 'Bob <bob@example.com>' },
    ]) {
      const answer = rawMail({ ...headers, 'Message-ID': `<${Math.random()}@example.com>` });
      expect((await sendMail(service, 'shop', secret, answer)).body).toMatchObject({ outcome: 'appended', caseId });
    }
    expect((await left(caseId)).filter((one) => one.header('auto-submitted'))).toHaveLength(1);
  });

  it('comes from the mailbox that the customer wrote to last, and from another when somebody says so', async () => {
    const one = await mailbox(service, 'sales');
    const two = await mailbox(service, 'support');
    const opened = rawMail({ 'Message-ID': '<sales@example.com>' });
    const { caseId } = (await sendMail(service, 'sales', one, opened)).body;
    await service.clockTo(new Date(service.host.now() + 60_000).toISOString());
    const moved = rawMail({ 'Message-ID': '<support@example.com>', 'In-Reply-To': '<sales@example.com>' });
    expect((await sendMail(service, 'support', two, moved)).body).toMatchObject({ outcome: 'appended', caseId });
    await reply(caseId, { text: 'We look' });
    expect((await lastLeft(caseId)).envelope).toMatchObject({ from: 'support@ours.example', to: ['ada@example.com'] });
    await reply(caseId, { text: 'We sell', channelId: 'sales', to: ['Ada Lovelace <Ada@example.com>'] });
    const { mail, envelope } = await lastLeft(caseId);
    expect(envelope).toMatchObject({ from: 'sales@ours.example', to: ['Ada@example.com'] });
    expect(mail).toMatchObject({ to: [{ name: 'Ada Lovelace' }], subject: expect.stringMatching(/^Re: /) });
  });

  it('may be begun by us, about a child case with somebody else', async () => {
    const secret = await mailbox(service, 'parts');
    const parent = await service.opened();
    const outbound = { channelId: 'parts', to: 'Stock <stock@supplier.example>', text: 'Have you a printer?' };
    const { caseId, title, referenceKey } = await service.opened({ parentId: parent.caseId, outbound });
    const { mail, envelope } = await lastLeft(caseId);
    expect(mail).toMatchObject({ subject: `${title} [${referenceKey}]`, to: [{ name: 'Stock' }] });
    expect(mail.inReplyTo).toBeUndefined();
    const answer = {
      From: 'stock@supplier.example',
      'Message-ID': '<s@supplier.example>',
      'In-Reply-To': mail.messageId,
    };
    const back = await sendMail(service, 'parts', secret, rawMail(answer, 'Yes'));
    expect(back.body).toMatchObject({ outcome: 'appended', caseId });
    await reply(caseId, { text: 'Send it' });
    const next = await lastLeft(caseId);
    expect(next.mail).toMatchObject({ subject: `Re: ${title} [${referenceKey}]`, inReplyTo: '<s@supplier.example>' });
    expect(next.envelope.to).toEqual(['stock@supplier.example']);
    expect(envelope.to).toEqual(['stock@supplier.example']);
    // Who is written to takes part: the key alone leads them here, and nobody else.
    const keyed = { Subject: `Offer [${referenceKey}]`, 'Message-ID': '<offer@supplier.example>' };
    const offer = await sendMail(service, 'parts', secret, rawMail({ ...answer, ...keyed, 'In-Reply-To': undefined }));
    expect(offer.body).toMatchObject({ outcome: 'appended', caseId });
    const eve = { ...keyed, From: 'eve@example.com', 'Message-ID': '<eve@example.com>' };
    expect((await sendMail(service, 'parts', secret, rawMail(eve))).body.caseId).not.toBe(caseId);
    const nobody = { ...outbound, to: 'the supplier' };
    const refused = await service.anna.post('/v1/cases', { parentId: parent.caseId, origin: 'web', outbound: nobody });
    expect(refused).toMatchObject({ status: 400, body: { errors: [{ path: 'outbound.to' }] } });
  });

  it('takes files of 29 MB together, and a text message takes none', async () => {
    const secret = await mailbox(service, 'files');
    const { caseId } = (await sendMail(service, 'files', secret, rawMail({ 'Message-ID': '<files@example.com>' })))
      .body;
    const file = { name: 'film.mp4', contentType: 'video/mp4', size: 10_000_000 };
    const attachmentIds = await Promise.all(
      [1, 2, 3].map(async () => {
        const made = (await service.anna.post(`/v1/cases/${caseId}/attachments`, file)).body;
        await fetch(made.uploadUrl, { method: 'PUT', headers: made.headers, body: new Uint8Array(file.size) });
        return made.attachmentId;
      }),
    );
    const tooLarge = await service.anna.post(`/v1/cases/${caseId}/replies`, { text: 'See', attachmentIds });
    expect(tooLarge).toMatchObject({ status: 413, body: { code: 'PAYLOAD_TOO_LARGE' } });
    const provider = { accountSid: `AC${'0'.repeat(32)}`, number: '+15551234567' };
    await service.admin.put('/v1/settings/channels/phone', {
      kind: 'telephony',
      provider,
      secrets: { authToken: 'x' },
    });
    const sms = { text: 'See', channelId: 'phone', to: ['+15557654321'], attachmentIds: attachmentIds.slice(2) };
    const refused = await service.anna.post(`/v1/cases/${caseId}/replies`, sms);
    expect(refused).toMatchObject({ status: 400, body: { errors: [{ path: 'attachmentIds' }] } });
  });

  it('goes to addresses only', async () => {
    const secret = await mailbox(service, 'strict');
    const { caseId } = (await sendMail(service, 'strict', secret, rawMail({ 'Message-ID': '<strict@example.com>' })))
      .body;
    for (const [fields, path] of [
      [{ to: ['ada@example.com', 'Ada'] }, 'to.1'],
      [{ bcc: ['ada@example.com, eve@example.com'] }, 'bcc.0'],
    ] as const) {
      const refused = await service.anna.post(`/v1/cases/${caseId}/replies`, { text: 'x', ...fields });
      expect(refused).toMatchObject({ status: 400, body: { errors: [{ path }] } });
    }
  });
});

describe('mail that does not arrive', () => {
  it.each([
    ['bounce', 'bounced', /^it came back from 1 of its receivers: Permanent, General, 5\.1\.1$/],
    ['complaint', 'failed', /complained/],
  ])('is told of on the timeline, once: %s', async (simulated, delivery, reason) => {
    const secret = await mailbox(service, simulated);
    const from = `${simulated}+ada@simulator.amazonses.com`;
    const mail = rawMail({ From: from, 'Message-ID': `<${simulated}@example.com>` });
    const { caseId } = (await sendMail(service, simulated, secret, mail)).body;
    const { activityId } = await reply(caseId, { text: 'Hello?' });
    const stands = { delivery, sending: { error: expect.stringMatching(reason), attempts: 1 } };
    expect(await activity(caseId, activityId)).toMatchObject(stands);
    const told = (await timeline(caseId)).filter(({ type }) => type === 'activity.failed');
    expect(told).toMatchObject([{ activityId, reason: expect.stringMatching(reason) }]);
    await service.clockTo(new Date(service.host.now() + 60 * 60_000).toISOString());
    expect(await left(caseId)).toHaveLength(1);
  });
});

describe('what SES tells while it cannot be recorded', () => {
  it('is kept, and recorded when an administrator says so', async () => {
    const secret = await mailbox(service, 'late');
    const { caseId } = (await sendMail(service, 'late', secret, rawMail({ 'Message-ID': '<late@example.com>' }))).body;
    const { activityId } = await reply(caseId, { text: 'Hello?' });
    const { ofCase, put } = beneath(service.host);
    const whole = (await ofCase(caseId)).find(({ SK }) => SK === 'CASE')!;
    await put({ ...whole, priority: 'unheard of' });
    const tags = { 'ses:configuration-set': ['docket-local'], caseId: [caseId], activityId: [activityId] };
    const bounce = { bounceType: 'Permanent', bounceSubType: 'General', bouncedRecipients: [{}] };
    const Detail = JSON.stringify({ eventType: 'Bounce', mail: { tags }, bounce });
    const Entries = [{ Source: 'aws.ses', DetailType: 'Email Bounced', Detail }];
    await callAws(service.host.stepFunctions.url, 'AWSEvents.PutEvents', { Entries });
    await service.settled();
    const [failure, none] = (await service.admin.get('/v1/failures?what=givenUp')).body.items;
    expect([failure, none]).toMatchObject([{ of: 'mailFeedback', reason: 'RetriesExhausted', attempts: 3 }, undefined]);
    const redrive = async () => (await service.admin.post(`/v1/failures/${failure.failureId}/redrive`)).body;
    expect(await redrive()).toMatchObject({ outcome: 'failedAgain' });
    await put(whole);
    expect(await redrive()).toMatchObject({ outcome: 'done' });
    expect(await activity(caseId, activityId)).toMatchObject({ delivery: 'bounced' });
    expect((await service.admin.get('/v1/failures?what=givenUp')).body.items).toEqual([]);
  });
});

describe('the page of mail that has left', () => {
  it('shows mails, and lets nothing in them do anything', async () => {
    const secret = await mailbox(service, 'shown');
    const evil = '<script>alert(1)</script>';
    const mail = rawMail({ 'Message-ID': '<shown@example.com>', Subject: evil });
    const { caseId } = (await sendMail(service, 'shown', secret, mail)).body;
    await reply(caseId, { text: evil, html: `<p>${evil}</p>` });
    const { messageId } = (await lastLeft(caseId)).envelope;
    const at = (path: string) => fetch(`${service.host.url}/dev/mail${path}`);
    for (const path of ['', `/${messageId}`]) {
      const page = await at(path);
      expect(page.headers.get('content-security-policy')).toContain("default-src 'none'");
      const html = await page.text();
      expect(html).toContain('&#60;script&#62;alert(1)');
      expect(html).not.toContain('<script');
    }
    const body = await at(`/${messageId}/html`);
    expect(body.headers.get('content-security-policy')).toMatch(/^sandbox; default-src 'none'/);
    expect(await body.text()).toContain(evil);
    expect((await at(`/${messageId}/raw`)).headers.get('content-type')).toMatch(/^text\/plain/);
    for (const path of ['/nothing', `/${messageId}/files/0`, '/..%2f..%2fhost.db'])
      expect((await at(path)).status).toBe(404);
  });
});
