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
