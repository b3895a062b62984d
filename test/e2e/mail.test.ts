import { describe, expect, it } from 'vitest';
import { everyItem } from '../support/api-client.ts';
import { mailbox, rawMail, sendMail } from '../support/mail-sender.ts';
import { withService } from '../support/service.ts';

const service = withService();

const activitiesOf = async (caseId: string) =>
  (await everyItem(service.anna, `/v1/cases/${caseId}/timeline`)).filter(({ kind }) => kind === 'activity');

describe('a mail', () => {
  it('opens a case, and an answer to it is added whatever its subject', async () => {
    const secret = await mailbox(service, 'help');
    const opened = await sendMail(service, 'help', secret, rawMail({ 'Message-ID': '<1@example.com>' }));
    expect(opened).toMatchObject({ status: 202, body: { outcome: 'created' } });
    const { caseId } = opened.body;
    expect((await service.anna.get(`/v1/cases/${caseId}`)).body).toMatchObject({ title: 'Printer', origin: 'email' });
    const answer = rawMail({ 'Message-ID': '<2@example.com>', References: '<1@example.com>', Subject: 'Other' }, 'Out');
    expect((await sendMail(service, 'help', secret, answer)).body).toMatchObject({ outcome: 'appended', caseId });
    expect(await activitiesOf(caseId)).toMatchObject([
      { type: 'email', direction: 'inbound', from: 'ada@example.com', to: ['help@ours.example'], subject: 'Printer' },
      { subject: 'Other', body: 'Out' },
    ]);
  });

  it('that comes again is answered as it was, however it is signed and to whichever mailbox it goes', async () => {
    const secret = await mailbox(service, 'again');
    const other = await mailbox(service, 'again-2');
    const mail = rawMail({ 'Message-ID': '<again@example.com>' });
    const first = await sendMail(service, 'again', secret, mail);
    const repeats = [
      await sendMail(service, 'again', secret, mail),
      await sendMail(service, 'again-2', other, `Received: by ours\r\n${mail}`),
    ];
    for (const repeat of repeats) expect(repeat).toMatchObject({ status: 200, body: first.body });
  });

  it('to a mailbox that stands for itself opens a case there, and answers to either stay apart', async () => {
    const secret = await mailbox(service, 'shared');
    const other = await mailbox(service, 'apart', { ownCases: true });
    const mail = rawMail({ 'Message-ID': '<both@example.com>' });
    const cases = [await sendMail(service, 'shared', secret, mail), await sendMail(service, 'apart', other, mail)];
    expect(cases).toMatchObject([{ status: 202 }, { status: 202, body: { outcome: 'created' } }]);
    const [one, two] = cases.map(({ body }) => body.caseId);
    expect(one).not.toBe(two);
    const answer = rawMail({ 'Message-ID': '<both-2@example.com>', References: '<both@example.com>' });
    expect((await sendMail(service, 'apart', other, answer)).body).toMatchObject({ outcome: 'appended', caseId: two });
    expect((await sendMail(service, 'shared', secret, answer)).body).toMatchObject({
      outcome: 'appended',
      caseId: one,
    });
  });

  it('is answered where its sender wants it, and one delivery brings one mail', async () => {
    const secret = await mailbox(service, 'reply-to', { address: 'reply-to@example.com' });
    const mail = rawMail({ 'Message-ID': '<rt@example.com>', 'Reply-To': 'Desk <desk@example.com>' });
    const { body } = await sendMail(service, 'reply-to', secret, mail, { id: 'delivery-1' });
    const { body: reply } = await service.anna.post(`/v1/cases/${body.caseId}/replies`, { text: 'Out' });
    expect(reply.to).toEqual(['desk@example.com']);
    expect(await sendMail(service, 'reply-to', secret, mail, { id: 'delivery-1' })).toMatchObject({
      status: 200,
      body,
    });
    const another = mail.replace('<rt@', '<rt-2@');
    const reused = await sendMail(service, 'reply-to', secret, another, { id: 'delivery-1' });
    expect(reused).toMatchObject({ status: 409, body: { code: 'MESSAGE_ID_REUSED' } });
  });

  it('is raw mail, signed over its bytes, and at most 4 MiB', async () => {
    const secret = await mailbox(service, 'raw');
    const latin = Buffer.from(
      rawMail({ 'Message-ID': '<l@example.com>', 'Content-Type': 'text/plain; charset=iso-8859-1' }, 'Grüße'),
      'latin1',
    );
    const taken = await sendMail(service, 'raw', secret, latin);
    expect(taken.status).toBe(202);
    expect((await service.anna.get(`/v1/cases/${taken.body.caseId}`)).body.description).toBe('Grüße');
    const elsewhere = await sendMail(service, 'raw', secret, latin, { headers: { 'content-type': 'text/plain' } });
    expect(elsewhere).toMatchObject({ status: 415, body: { code: 'UNSUPPORTED_MEDIA_TYPE' } });
    const large = Buffer.concat([latin, Buffer.alloc(4 * 1024 * 1024, 'a')]);
    expect(await sendMail(service, 'raw', secret, large)).toMatchObject({ status: 413 });
    const just = large.subarray(0, 4 * 1024 * 1024);
    expect(await sendMail(service, 'raw', secret, just)).toMatchObject({ status: 200 });
    const forged = await sendMail(service, 'raw', `whsec_${'a'.repeat(32)}`, latin);
    expect(forged).toMatchObject({ status: 401, body: { code: 'SIGNATURE_INVALID' } });
  });
});

describe('a mail belongs to', () => {
  let n = 0;
  /** A case that Ada’s mail has opened, and what posts more of hers. */
  const opened = async (mailboxId: string, fields: object = {}) => {
    const secret = await mailbox(service, mailboxId, fields);
    const send = (headers: Record<string, string | undefined>, text?: string) =>
      sendMail(
        service,
        mailboxId,
        secret,
        rawMail({ 'Message-ID': `<${mailboxId}-${++n}@example.com>`, ...headers }, text),
      );
    const messageId = `<${mailboxId}-first@example.com>`;
    const { caseId } = (await send({ 'Message-ID': messageId, Cc: 'carol@example.com, sales@elsewhere.example' })).body;
    const path = `/v1/cases/${caseId}`;
    return { send, caseId, path, messageId, file: (await service.anna.get(path)).body };
  };
  const stranger = { From: 'Mallory <mallory@elsewhere.example>' };

  it('the case whose key is in its subject, if its sender or somebody whom they copy in takes part there', async () => {
    const { send, caseId, path, file } = await opened('keys');
    const key = { Subject: `AW: [Ticket#4711] Printer ${file.referenceKey.toLowerCase()}` };
    expect((await send(key)).body).toMatchObject({ outcome: 'appended', caseId });
    expect((await send({ ...key, From: 'carol@example.com' })).body).toMatchObject({ outcome: 'appended', caseId });
    expect((await send({ ...key, ...stranger, Cc: 'ada@example.com' })).body).toMatchObject({ caseId });
    const refused = await send({ ...key, From: 'eve@nowhere.example' });
    expect(refused.body).toMatchObject({ outcome: 'created' });
    const { items } = (await service.anna.get(`/v1/cases/${refused.body.caseId}/links`)).body;
    expect(items).toMatchObject([{ otherId: caseId, kind: 'possibleRelated' }]);
    expect((await service.anna.get(path)).body.participants).toEqual([
      'ada@example.com',
      'carol@example.com',
      'sales@elsewhere.example',
      'mallory@elsewhere.example',
    ]);
  });

  it('the case of the mail that it answers, though its subject names another; the timeline tells of both', async () => {
    const one = await opened('conflict');
    const other = await opened('conflict-2');
    const answer = { References: `<x@elsewhere.example> ${one.messageId}`, Subject: `Re: ${other.file.referenceKey}` };
    const { body } = await one.send(answer);
    expect(body).toMatchObject({ outcome: 'appended', caseId: one.caseId });
    const told = await everyItem(service.anna, `${one.path}/timeline`);
    expect(told.filter(({ type }) => type === 'activity.ambiguous')).toMatchObject([
      { activityId: body.activityId, otherId: other.caseId },
    ]);
  });

  it('no case by its key when it is forwarded, and by what it answers only if its sender takes part', async () => {
    const { send, caseId, messageId, file } = await opened('forwarded');
    const forwarded = { Subject: `Fwd: Printer [${file.referenceKey}]` };
    const threaded = { ...forwarded, 'In-Reply-To': messageId };
    expect((await send(threaded)).body).toMatchObject({ outcome: 'appended', caseId });
    for (const headers of [forwarded, { ...threaded, ...stranger, From: 'eve@nowhere.example' }]) {
      const { body } = await send(headers);
      expect(body).toMatchObject({ outcome: 'created' });
      const { items } = (await service.anna.get(`/v1/cases/${body.caseId}/links`)).body;
      expect(items).toMatchObject([{ otherId: caseId, kind: 'possibleRelated' }]);
    }
    expect((await send({ ...stranger, 'In-Reply-To': messageId })).body).toMatchObject({ outcome: 'appended', caseId });
  });

  it('the case of its thread in Exchange, for those who take part there', async () => {
    const root = Buffer.alloc(22, 7);
    const index = (...bytes: number[]) => Buffer.concat([root, Buffer.from(bytes)]).toString('base64');
    const { send } = await opened('thread');
    const { caseId } = (await send({ 'Thread-Index': index() })).body;
    expect((await send({ 'Thread-Index': index(1, 2, 3, 4, 5) })).body).toMatchObject({ outcome: 'appended', caseId });
    const other = await send({ 'Thread-Index': index(1, 2, 3, 4, 6), From: 'eve@nowhere.example' });
    expect(other.body.outcome).toBe('created');
  });

  it('nobody when it is our own, or of another mailbox of ours, which never becomes a customer', async () => {
    const { send } = await opened('loop', { aliases: ['loop-2@ours.example'] });
    const own = { From: 'loop-2@ours.example' };
    expect((await send({ ...own, 'X-Docket-Loop': '1' })).body).toEqual({ outcome: 'ignored', reason: 'loop' });
    expect((await send(own)).body).toEqual({ outcome: 'ignored', reason: 'ownAddress' });
    const { body } = await send({ ...own, 'Reply-To': 'Bob <bob@example.com>' });
    expect((await service.anna.get(`/v1/cases/${body.caseId}`)).body.participants).toEqual(['bob@example.com']);
    expect((await service.anna.get('/v1/customers?q=loop-2@ours.example')).body.items).toEqual([]);
  });

  it('a resolved case for seven days to the second; what a machine writes about it changes nothing', async () => {
    await service.clockTo('2026-03-09T14:00:00.000Z');
    const { send, caseId, path, messageId, file } = await opened('resolved');
    const { body: known } = await send({ 'Auto-Submitted': 'auto-replied', Subject: 'Automatic reply: Hello' });
    expect(known).toEqual({ outcome: 'ignored', reason: 'automatic' });
    const done = { resolutionType: 'problemSolved', resolution: 'Out' };
    await service.anna.post(`${path}/resolve`, done);
    const answer = { 'In-Reply-To': messageId };
    for (const machine of [
      { 'Auto-Submitted': 'auto-replied' },
      { Precedence: 'bulk' },
      { 'Return-Path': '<>' },
      { Subject: `Out of office: [${file.referenceKey}]` },
    ]) {
      expect((await send({ ...answer, ...machine })).body).toMatchObject({ outcome: 'appended', reason: 'automatic' });
    }
    expect((await service.anna.get(path)).body.status).toBe('resolved');
    const others = [await opened('resolved-2'), await opened('resolved-3')];
    for (const other of others) await service.anna.post(`${other.path}/resolve`, done);
    await service.clockTo('2026-03-13T10:00:00.000Z');
    expect((await send(answer)).body).toMatchObject({ outcome: 'appended', reason: 'reopened', caseId });
    expect((await service.anna.get(path)).body).toMatchObject({ status: 'active', statusReason: 'inProgress' });
    const [inTime, late] = others;
    await service.clockTo('2026-03-16T14:00:00.000Z');
    const last = await inTime!.send({ 'In-Reply-To': inTime!.messageId });
    expect(last.body).toMatchObject({ outcome: 'appended', reason: 'reopened', caseId: inTime!.caseId });
    await service.clockTo('2026-03-16T14:00:01.000Z');
    const linked = await late!.send({ 'In-Reply-To': late!.messageId });
    expect(linked.body).toMatchObject({ outcome: 'created', reason: 'newLinked' });
    expect((await service.anna.get(`/v1/cases/${linked.body.caseId}`)).body).toMatchObject({
      previousCaseId: late!.caseId,
      customerId: late!.file.customerId,
    });
  });

  it('the case that its own was merged into, by what it answers and by its key', async () => {
    const one = await opened('merging');
    const other = await opened('merging-2');
    await service.anna.post(`${other.path}/merge`, { caseIds: [one.caseId] });
    const { caseId } = other;
    expect((await one.send({ 'In-Reply-To': one.messageId })).body).toMatchObject({ outcome: 'appended', caseId });
    expect((await one.send({ Subject: one.file.referenceKey })).body).toMatchObject({ outcome: 'appended', caseId });
  });
});

describe('a report of a server', () => {
  it('that our mail did not arrive stands on the timeline, and that mail has bounced', async () => {
    const secret = await mailbox(service, 'bounces', { address: 'bounces@example.com' });
    const { caseId } = (await sendMail(service, 'bounces', secret, rawMail({ 'Message-ID': '<b@example.com>' }))).body;
    const path = `/v1/cases/${caseId}`;
    const { activityId } = (await service.anna.post(`${path}/replies`, { text: 'Try again' })).body;
    await service.settled();
    const sent = (await activitiesOf(caseId)).find((one) => one.activityId === activityId);
    expect(sent).toMatchObject({ delivery: 'sent' });
    await service.anna.patch(path, { statusReason: 'waitingForDetails' });
    const report = [
      'From: MAILER-DAEMON@mx.example.com\r\nTo: bounces@example.com\r\nSubject: Returned\r\nMessage-ID: <r@mx.example.com>\r\n',
      'Content-Type: multipart/report; report-type=delivery-status; boundary=x\r\n\r\n',
      '--x\r\nContent-Type: text/plain\r\n\r\nNo such user\r\n',
      '--x\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx\r\n\r\nAction: failed\r\nStatus: 5.1.1\r\n',
      `--x\r\nContent-Type: text/rfc822-headers\r\n\r\nMessage-ID: <${sent.sending.externalId}@eu-west-1.amazonses.com>\r\n`,
      `X-Docket-Loop: ${activityId}\r\n\r\n--x--\r\n`,
    ].join('');
    const { body } = await sendMail(service, 'bounces', secret, report);
    expect(body).toMatchObject({ outcome: 'appended', caseId });
    const after = await activitiesOf(caseId);
    expect(after.find((one) => one.activityId === activityId)).toMatchObject({ delivery: 'bounced' });
    expect(after.find((one) => one.activityId === body.activityId)).toMatchObject({ isAutomatic: true });
    const told = await everyItem(service.anna, `${path}/timeline`);
    expect(told.filter(({ type }) => type === 'activity.failed')).toMatchObject([{ activityId }]);
    expect((await service.anna.get(path)).body.statusReason).toBe('waitingForDetails');
  });
});

describe('a mail that SES has received', () => {
  const receive = async (mail: string | Buffer, recipients: string[], more: object = {}) => {
    expect(
      await service.host.receiveMail({ raw: new Uint8Array(Buffer.from(mail)), recipients, ...more }),
    ).toBeDefined();
    await service.settled();
  };
  const listOf = async (id: string) => (await service.admin.get(`/v1/channels/${id}/intake`)).body.items;

  it('opens a case at the first of its mailboxes, and stands in the lists of the others', async () => {
    await mailbox(service, 'one', { address: 'one@example.com' });
    await mailbox(service, 'two', { address: 'two@example.com', aliases: ['second@example.com'] });
    const headers = { 'Message-ID': '<ses@elsewhere.example>', 'Content-Type': 'text/html' };
    const large = `<p>On fire</p><!--${'a'.repeat(5 * 1024 * 1024)}-->`;
    await receive(rawMail(headers, large), ['one+anything@example.com', 'Second@example.com', 'nobody@example.com']);
    const [opened, ...others] = await listOf('one');
    expect(others).toEqual([]);
    expect(opened).toMatchObject({ outcome: 'created', excerpt: 'On fire' });
    expect(await listOf('two')).toMatchObject([{ outcome: 'ignored', reason: 'sameMessageId' }]);
    const answer = { 'Message-ID': '<ses-2@elsewhere.example>', 'In-Reply-To': '<ses@elsewhere.example>' };
    await receive(rawMail(answer), ['two@example.com']);
    expect((await listOf('two'))[0]).toMatchObject({ outcome: 'appended', caseId: opened.caseId });
  });

  it('is held back when it is spam, forged or has a virus, until somebody has looked; a virus for good', async () => {
    await mailbox(service, 'verdicts', { address: 'verdicts@example.com' });
    for (const [n, [reason, more]] of Object.entries([
      ['spam', { verdicts: { spam: 'FAIL' } }],
      ['forged', { verdicts: { dmarc: 'FAIL' }, dmarcPolicy: 'REJECT' }],
      ['virus', { verdicts: { virus: 'FAIL' } }],
      [undefined, { verdicts: { dmarc: 'FAIL', spf: 'FAIL', spam: 'GRAY' }, dmarcPolicy: 'NONE' }],
    ] as const)) {
      await receive(rawMail({ 'Message-ID': `<v-${n}@elsewhere.example>` }), ['verdicts@example.com'], more);
      const [{ intakeId, ...taken }] = await listOf('verdicts');
      expect(taken).toMatchObject(reason ? { outcome: 'ignored', reason } : { outcome: 'created' });
      const { body } = await service.admin.post(`/v1/channels/verdicts/intake/${intakeId}/reprocess`, {});
      expect(body.outcome).toBe(reason === 'virus' ? 'ignored' : 'created');
    }
  });
});

describe('the intake of a mailbox', () => {
  it('has what cannot be read, and copies that differ, each once; they may be taken in after all', async () => {
    const secret = await mailbox(service, 'list');
    const unread = await sendMail(service, 'list', secret, 'nothing that is a mail');
    expect(unread).toMatchObject({ status: 202, body: { outcome: 'ignored', reason: 'noSender' } });
    const mail = rawMail({ 'Message-ID': '<list@example.com>' });
    const { body } = await sendMail(service, 'list', secret, mail);
    for (const _twice of [1, 2]) {
      const other = await sendMail(service, 'list', secret, mail.replace('fire', 'water'));
      expect(other).toMatchObject({ status: 200, body });
    }
    const { items } = (await service.admin.get('/v1/channels/list/intake')).body;
    expect(items.map(({ outcome, reason }: Record<string, string>) => [outcome, reason])).toEqual([
      ['ignored', 'sameMessageId'],
      ['created', undefined],
      ['failed', 'noSender'],
    ]);
    const path = `/v1/channels/list/intake/${items[0].intakeId}/reprocess`;
    const again = await service.admin.post(path, {});
    expect(again.body).toMatchObject({ outcome: 'created' });
    expect(again.body.caseId).not.toBe(body.caseId);
    expect((await service.admin.post(path, {})).body.caseId).toBe(again.body.caseId);
  });

  it('keeps mail that is larger than an item of the table, to be taken in again', async () => {
    const secret = await mailbox(service, 'large', { unknownSender: 'queue' });
    const noise = Buffer.from(Array.from({ length: 900_000 }, () => Math.floor(Math.random() * 256)));
    const text = noise.toString('base64').replace(/.{76}/g, '$&\r\n');
    const headers = {
      'Message-ID': '<large@example.com>',
      From: 'dora@example.com',
      'Content-Type': 'application/octet-stream; name=noise.bin',
      'Content-Transfer-Encoding': 'base64',
    };
    const queued = await sendMail(service, 'large', secret, rawMail(headers, text));
    expect(queued.body).toEqual({ outcome: 'ignored', reason: 'unknownSenderQueued' });
    const [{ intakeId }] = (await service.admin.get('/v1/channels/large/intake')).body.items;
    const customerId = await service.customer();
    const taken = await service.admin.post(`/v1/channels/large/intake/${intakeId}/reprocess`, { customerId });
    expect(taken.body).toMatchObject({ outcome: 'created', customerId });
    const [activity] = await activitiesOf(taken.body.caseId);
    expect(activity.attachments).toMatchObject([{ name: 'noise.bin', size: noise.length, state: 'stored' }]);
    const file = `/v1/cases/${taken.body.caseId}/attachments/${activity.attachments[0].attachmentId}`;
    const { url } = (await service.anna.get(file)).body;
    expect(Buffer.from(await (await fetch(url)).arrayBuffer()).equals(noise)).toBe(true);
  });
});

describe('a mailbox', () => {
  it('has an address of its own, which no other has', async () => {
    const put = (id: string, fields: object) => service.admin.put(`/v1/settings/channels/${id}`, fields);
    const own = { kind: 'email', address: 'Sales@ours.example', aliases: ['shop@ours.example'] };
    expect((await put('sales', own)).status).toBe(200);
    for (const [fields, path] of [
      [{ kind: 'email' }, 'address'],
      [{ kind: 'email', address: 'no address' }, 'address'],
      [{ kind: 'email', address: 'x@ours.example', aliases: ['nobody'] }, 'aliases.0'],
      [{ kind: 'email', address: 'sales@ours.example' }, 'address'],
      [{ kind: 'email', address: 'x@ours.example', aliases: ['Shop@ours.example'] }, 'address'],
      [{ kind: 'webhook', aliases: ['x@ours.example'] }, 'aliases'],
    ] as const) {
      expect(await put('other', fields)).toMatchObject({ status: 400, body: { errors: [{ path }] } });
    }
  });
});
