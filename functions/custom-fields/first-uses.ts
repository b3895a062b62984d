import { type GivenValues, isBlank } from '../../domain/custom-fields/values.ts';
import type { SettingsHead } from '../../domain/settings/kinds.ts';
import type { Services } from '../services.ts';
import type { Transaction } from '../table/transaction.ts';

/**
 * What adds to a transaction that these fields are given something, for those of which nobody has noted it yet: one write in
 * a field's life. It then holds only if no field has been put or removed since `head` was read.
 */
export const firstUses = async (
  { fieldUses, settings }: Pick<Services, 'fieldUses' | 'settings'>,
  values: GivenValues | undefined,
  head: SettingsHead,
): Promise<(transaction: Transaction) => void> => {
  const names = Object.keys(values ?? {}).filter((name) => !isBlank(values?.[name]));
  const used = await Promise.all(names.map((name) => fieldUses.isUsed(name)));
  const unused = names.filter((_, n) => !used[n]);
  return (transaction) => {
    for (const name of unused) fieldUses.used(transaction, name);
    if (unused.length > 0) settings.unchanged(transaction, head, [settings.customFields]);
  };
};
