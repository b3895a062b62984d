import type { Channel } from '../../domain/channels/channel.ts';
import type { ChannelAdapter } from './adapters/adapter.ts';

/** How far a channel's conversations and the ids of its messages reach. */
export const scopeOf = (adapter: ChannelAdapter | undefined, channelId: string, channel?: Channel): string =>
  channel?.ownCases ? channelId : (adapter?.scope ?? channelId);
