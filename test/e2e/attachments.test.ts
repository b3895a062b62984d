import { describe, expect, it } from 'vitest';
import { everyItem } from '../support/api-client.ts';
import { receivers } from '../support/receiver.ts';
import { withService } from '../support/service.ts';
import { sendWebhook, webhookChannel } from '../support/webhook-sender.ts';

const service = withService();
const receiver = receivers();
const bytes = Buffer.from('%PDF-1.7 not really');

const fetched = async (caseId: string, attachmentId: string) => {
  const { body } = await service.anna.get(`/v1/cases/${caseId}/attachments/${attachmentId}`);
  const response = await fetch(body.url);
  return { body, status: response.status, content: Buffer.from(await response.arrayBuffer()) };
};

describe('a file', () => {
  it('is uploaded to an address of its own, named by an activity, and downloaded for a few minutes', async () => {
    const { caseId } = await service.opened();
    const path = `/v1/cases/${caseId}/attachments`;
    const file = { name: '../../plan.pdf', contentType: 'application/pdf', size: bytes.length };
    const made = await service.anna.post(path, file);
    expect(made).toMatchObject({ status: 201, body: { name: 'plan.pdf', size: bytes.length } });
    const { attachmentId, uploadUrl, headers } = made.body;
    const note = { type: 'note', body: 'See the plan', attachmentIds: [attachmentId] };
    const early = await service.anna.post(`/v1/cases/${caseId}/activities`, note);
    expect(early).toMatchObject({ status: 400, body: { errors: [{ path: 'attachmentIds.0' }] } });
    expect((await service.anna.get(`${path}/${attachmentId}`)).status).toBe(404);
    expect((await fetch(uploadUrl, { method: 'PUT', headers, body: bytes })).status).toBe(200);
    const named = await service.anna.post(`/v1/cases/${caseId}/activities`, note);
    expect(named.body.attachments).toEqual([
      { attachmentId, name: 'plan.pdf', contentType: 'application/pdf', size: bytes.length, state: 'stored' },
    ]);
    const { body, content } = await fetched(caseId, attachmentId);
    expect(content).toEqual(bytes);
    expect(new URL(body.url).searchParams.get('response-content-disposition')).toMatch(/^attachment; .*plan\.pdf$/);
    expect(Date.parse(body.expiresAt) - service.host.now()).toBeLessThanOrEqual(5 * 60_000);
    const other = await service.opened();
    expect((await service.anna.get(`/v1/cases/${other.caseId}/attachments/${attachmentId}`)).status).toBe(404);
  });

  it.each([
    ['is over 25 MiB', { name: 'film.mp4', contentType: 'video/mp4', size: 26_214_401 }, 413, 'PAYLOAD_TOO_LARGE'],
    [
      'is a program',
      { name: 'Invoice.pdf.EXE ', contentType: 'application/pdf', size: 1 },
      415,
      'UNSUPPORTED_MEDIA_TYPE',
    ],
  ])('is refused when it %s', async (_, file, status, code) => {
    const { caseId } = await service.opened();
    expect(await service.anna.post(`/v1/cases/${caseId}/attachments`, file)).toMatchObject({ status, body: { code } });
  });

  it('that comes with a message is kept, unless it is a program, and leaves again with a reply', async () => {
    const shop = await receiver();
    const secret = await webhookChannel(service, 'shop', { replyUrl: shop.url });
    const base64 = bytes.toString('base64');
    const { caseId } = (
      await sendWebhook(service, 'shop', secret, {
        conversationId: 'c-1',
        from: { id: 'ada' },
        text: 'See the files',
        attachments: [
          { name: 'photo.jpg', contentType: 'image/jpeg', base64 },
          { name: 'fix.exe', contentType: 'image/jpeg', base64 },
        ],
      })
    ).body;
    const [message] = (await everyItem(service.anna, `/v1/cases/${caseId}/timeline`)).filter(
      ({ kind }) => kind === 'activity',
    );
    expect(message.attachments).toMatchObject([
      { name: 'photo.jpg', size: bytes.length, state: 'stored' },
      { name: 'fix.exe', state: 'refused', reason: 'typeNotAllowed' },
    ]);
    const [{ attachmentId }] = message.attachments;
    expect((await fetched(caseId, attachmentId)).content).toEqual(bytes);
    const reply = { text: 'Back to you', attachmentIds: [attachmentId] };
    expect((await service.anna.post(`/v1/cases/${caseId}/replies`, reply)).status).toBe(202);
    await service.settled();
    expect(shop.received[0]!.event.attachments).toEqual([{ name: 'photo.jpg', contentType: 'image/jpeg', base64 }]);
  });
});
