import type { ChannelKind } from '../../../domain/channels/channel.ts';
import type { ChannelAdapter } from './adapter.ts';
import { emailAdapter } from './email.ts';
import { githubAdapter } from './github.ts';
import { mattermostAdapter } from './mattermost.ts';
import { slackAdapter } from './slack.ts';
import { telegramAdapter } from './telegram.ts';
import { telephonyAdapter } from './telephony.ts';
import { webhookAdapter } from './webhook.ts';
import { whatsappAdapter } from './whatsapp.ts';

/** The adapter of each kind of channel. */
const adapters: { [Kind in ChannelKind]?: ChannelAdapter } = {
  webhook: webhookAdapter,
  email: emailAdapter,
  github: githubAdapter,
  slack: slackAdapter,
  telephony: telephonyAdapter,
  whatsapp: whatsappAdapter,
  telegram: telegramAdapter,
  mattermost: mattermostAdapter,
};

/** The adapter of a kind; nothing for a kind that has none yet. */
export const adapterOf = (kind: ChannelKind): ChannelAdapter | undefined => adapters[kind];
