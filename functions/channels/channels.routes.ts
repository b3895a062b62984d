import { z } from 'zod';
import { Slug } from '../../domain/cases/case.ts';
import { Channel } from '../../domain/channels/channel.ts';
import { MessageTemplate } from '../../domain/channels/message-template.ts';
import { declareRoute, pageOf, pageQuery } from '../api/route.ts';
import { Deleted, settingView } from '../settings/documents.ts';

const params = z.object({ id: Slug });
const query = z.strictObject(pageQuery);
const ChannelView = settingView(Channel);

/** A day: senders that read their secret once a day do not miss a message. */
const DEFAULT_OVERLAP_MINUTES = 24 * 60;

/** The body of a channel: its setting, and secrets that nobody reads again. */
export const PutChannel = Channel.extend({
  secrets: z
    .record(z.string().max(60), z.string().min(1).max(4_000))
    .optional()
    .describe('What the provider signs with, by name. Written only; what is left out stays'),
}).meta({ id: 'PutChannel' });
export type PutChannel = z.infer<typeof PutChannel>;

export const RotateSecret = z
  .strictObject({
    overlapMinutes: z
      .int()
      .min(0)
      .max(7 * 24 * 60)
      .default(DEFAULT_OVERLAP_MINUTES)
      .describe('How long the secret until now holds on; 0 when somebody else has it'),
  })
  .meta({ id: 'RotateSecret' });

const secret = z.string().optional().describe('Made for kinds that we make one for. Shown this once');

/** The routes of channels and of the templates that are sent over them. */
export const channelSettingRoutes = {
  list: declareRoute({
    method: 'GET',
    path: '/v1/settings/channels',
    tag: 'Channels',
    summary: 'List the channels',
    roles: ['agent'],
    query,
    answer: pageOf(ChannelView),
  }),
  get: declareRoute({
    method: 'GET',
    path: '/v1/settings/channels/{id}',
    tag: 'Channels',
    summary: 'Read a channel',
    roles: ['agent'],
    params,
    answer: ChannelView,
  }),
  put: declareRoute({
    method: 'PUT',
    path: '/v1/settings/channels/{id}',
    tag: 'Channels',
    summary: 'Create or replace a channel',
    description: 'The first answer holds `secret`, once.',
    roles: ['admin'],
    params,
    body: PutChannel,
    answer: ChannelView.extend({ secret }),
    refusals: ['STALE_VERSION'],
  }),
  delete: declareRoute({
    method: 'DELETE',
    path: '/v1/settings/channels/{id}',
    tag: 'Channels',
    summary: 'Remove a channel with its secrets',
    roles: ['admin'],
    params,
    answer: Deleted,
    refusals: ['STALE_VERSION'],
  }),
  rotate: declareRoute({
    method: 'POST',
    path: '/v1/settings/channels/{id}/rotate-secret',
    tag: 'Channels',
    summary: 'Make a channel a new secret',
    description: 'The one until now holds on for a day, or as long as the body says.',
    roles: ['admin'],
    params,
    body: RotateSecret,
    answer: z.object({ secret: z.string(), overlapMinutes: z.int() }),
  }),
  listTemplates: declareRoute({
    method: 'GET',
    path: '/v1/settings/templates',
    tag: 'Channels',
    summary: 'List the templates of messages',
    roles: ['agent'],
    query,
    answer: pageOf(settingView(MessageTemplate)),
  }),
  getTemplate: declareRoute({
    method: 'GET',
    path: '/v1/settings/templates/{id}',
    tag: 'Channels',
    summary: 'Read a template of messages',
    roles: ['agent'],
    params,
    answer: settingView(MessageTemplate),
  }),
  putTemplate: declareRoute({
    method: 'PUT',
    path: '/v1/settings/templates/{id}',
    tag: 'Channels',
    summary: 'Create or replace a template of messages',
    roles: ['supervisor'],
    params,
    body: MessageTemplate,
    answer: settingView(MessageTemplate),
    refusals: ['STALE_VERSION'],
  }),
  deleteTemplate: declareRoute({
    method: 'DELETE',
    path: '/v1/settings/templates/{id}',
    tag: 'Channels',
    summary: 'Remove a template that no channel answers by',
    roles: ['supervisor'],
    params,
    answer: Deleted,
    refusals: ['IN_USE', 'STALE_VERSION'],
  }),
};
