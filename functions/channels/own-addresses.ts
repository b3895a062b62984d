import { mailAddressesOf } from '../../domain/channels/channel.ts';
import type { Services } from '../services.ts';
import type { AdapterContext, ParseContext } from './adapters/adapter.ts';

/** What an adapter may know to read a request: mail is looked at for our own addresses. */
export const parseContext = async (
  { settings }: Pick<Services, 'settings'>,
  context: AdapterContext,
): Promise<ParseContext> => {
  const all = await settings.channels.all();
  const own = new Set(all.flatMap(({ document }) => mailAddressesOf(document)));
  return { ...context, isOurs: (address) => own.has(address) };
};
