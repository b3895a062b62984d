import type { ValidSecrets } from '../../domain/channels/secrets.ts';
import type { Instant } from '../../domain/time.ts';
import type { Services } from '../services.ts';
import type { SecretOwner } from '../table/secret-store.ts';
import type { ChannelAdapter } from './adapters/adapter.ts';

/** Whose a channel's own secret is, or one that its provider has given. Ids of channels hold no dot. */
export const secretOwner = (channelId: string, name?: string): SecretOwner => ({
  kind: 'channel',
  id: name ? `${channelId}.${name}` : channelId,
});

/** The secrets of a channel that hold just now. Only a function that may read them can call this. */
export const validSecrets = async (
  { secrets }: Pick<Services, 'secrets'>,
  channelId: string,
  { ownSecret, givenSecrets }: Pick<ChannelAdapter, 'ownSecret' | 'givenSecrets'>,
  now: Instant,
): Promise<ValidSecrets> => {
  const [own, ...given] = await Promise.all([
    ownSecret ? secrets.valid(secretOwner(channelId), now) : [],
    ...givenSecrets.map((name) => secrets.valid(secretOwner(channelId, name), now)),
  ]);
  return {
    own,
    given: Object.fromEntries(givenSecrets.flatMap((name, n) => (given[n]?.[0] ? [[name, given[n][0]]] : []))),
  };
};
