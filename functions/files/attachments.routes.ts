import { z } from 'zod';
import { CaseId } from '../../domain/cases/case.ts';
import { Instant } from '../../domain/time.ts';
import { declareRoute } from '../api/route.ts';
import { Attachment } from '../table/attachment-store.ts';

const contentType = z
  .string()
  .max(255)
  .regex(/^[\w.+-]+\/[\w.+-]+(;.*)?$/, 'is no media type');

/** The body that asks for an upload address. */
export const CreateAttachment = z
  .strictObject({ name: z.string().trim().min(1).max(255), contentType, size: z.int().min(1) })
  .meta({ id: 'CreateAttachment' });

const params = z.object({ caseId: CaseId });

/** The routes of files. */
export const attachmentRoutes = {
  create: declareRoute({
    method: 'POST',
    path: '/v1/cases/{caseId}/attachments',
    tag: 'Activities',
    summary: 'Ask where to upload a file',
    description: 'Put it there with the headers given; then name its id in `attachmentIds`. 25 MiB at most.',
    roles: ['agent', 'integration'],
    params,
    body: CreateAttachment,
    answer: Attachment.extend({
      uploadUrl: z.url(),
      headers: z.record(z.string(), z.string()),
      expiresAt: Instant,
    }),
    status: 201,
  }),
  get: declareRoute({
    method: 'GET',
    path: '/v1/cases/{caseId}/attachments/{attachmentId}',
    tag: 'Activities',
    summary: 'Where a file can be downloaded for a few minutes',
    roles: ['agent', 'integration'],
    params: params.extend({ attachmentId: z.uuid() }),
    answer: Attachment.extend({ url: z.url(), expiresAt: Instant }),
  }),
};
