import { z } from 'zod';
import { Slug } from '../../domain/cases/case.ts';
import { Channel } from '../../domain/channels/channel.ts';
import { MessageTemplate } from '../../domain/channels/message-template.ts';
import { Intake, IntakeOutcome } from '../../domain/intake/intake.ts';
import { Instant } from '../../domain/time.ts';
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

const ofChannel = z.object({ channelId: Slug });

export const ListIntake = z.strictObject({
  ...pageQuery,
  outcome: IntakeOutcome.optional(),
  from: Instant.optional().describe('Received then or later'),
  to: Instant.optional(),
});

export const Reprocess = z
  .strictObject({
    customerId: z
      .string()
      .min(1)
      .max(128)
      .optional()
      .describe('Whose it is, where nobody knew; their next message will be known'),
  })
  .meta({ id: 'Reprocess' });

export const SimulateMessage = z
  .strictObject({
    message: z.unknown().describe('As it would be sent: mapped by the channel’s mapping, if it has one'),
    headers: z.record(z.string(), z.string()).optional().describe('Those that the provider says something with'),
  })
  .meta({ id: 'SimulateMessage' });

export const SimulatedMessage = z
  .object({
    messages: z.array(
      z.object({
        outcome: IntakeOutcome,
        reason: z.string().optional(),
        detail: z.string().optional(),
        ruleId: z.string().optional(),
        trace: z.array(z.string()),
        customerId: z.string().optional(),
        caseId: z.uuid().optional().describe('The case that the message would be added to'),
        case: z.record(z.string(), z.unknown()).optional().describe('The case that it would open'),
      }),
    ),
  })
  .meta({ id: 'SimulatedMessage' });

/** The routes of what came in. */
export const intakeRoutes = {
  list: declareRoute({
    method: 'GET',
    path: '/v1/channels/{channelId}/intake',
    tag: 'Channels',
    summary: 'What came over a channel, with what became of it and why',
    roles: ['admin'],
    params: ofChannel,
    query: ListIntake,
    answer: pageOf(Intake),
  }),
  reprocess: declareRoute({
    method: 'POST',
    path: '/v1/channels/{channelId}/intake/{intakeId}/reprocess',
    tag: 'Channels',
    summary: 'Take in again what opened nothing',
    description: 'By the channel as it is now. What opened or was added to a case is answered as it is.',
    roles: ['admin'],
    params: ofChannel.extend({ intakeId: z.uuid() }),
    body: Reprocess,
    answer: Intake,
    refusals: ['MESSAGE_ID_REUSED'],
  }),
};

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
  simulate: declareRoute({
    method: 'POST',
    path: '/v1/settings/channels/{id}/simulations',
    tag: 'Channels',
    summary: 'What would become of a message',
    description: 'The same code as for real ones; nothing is written.',
    roles: ['admin'],
    params,
    body: SimulateMessage,
    answer: SimulatedMessage,
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
