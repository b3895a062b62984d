import type { CaseChange } from '../../domain/cases/case-file.ts';
import { familyItem } from './case-items.ts';
import type { WriteCondition } from './expression.ts';
import { familyKey } from './keys.ts';
import type { Transaction } from './transaction.ts';

/** Only the cascade of a family is written as it is; its counters change by the fences' additions. */
export const writeCascade = (transaction: Transaction, { before, after }: CaseChange): void => {
  const old = before?.family.cascade;
  const { cascade } = after.family;
  if (cascade === old) return;
  const condition: WriteCondition[] = old
    ? [
        { attribute: 'cascade.id', is: 'equal', value: old.id },
        old.cursor
          ? { attribute: 'cascade.cursor', is: 'equal', value: old.cursor }
          : { attribute: 'cascade.cursor', is: 'absent' },
        { attribute: 'cascade.round', is: 'equal', value: old.round },
        { attribute: 'cascade.state', is: 'equal', value: old.state },
      ]
    : [{ attribute: 'cascade', is: 'absent' }];
  const { caseId } = after.case;
  transaction.replace(familyItem({ caseId, cascade: old }), familyItem({ caseId, cascade }), condition);
};

/** The newest broadcast takes the place of the one before; how far it has come is kept with the broadcast itself. */
export const writeBroadcast = (transaction: Transaction, { before, after }: CaseChange): void => {
  const old = before?.family.broadcast;
  const { broadcast } = after.family;
  if (!broadcast || broadcast === old) return;
  const { caseId } = after.case;
  transaction.update(familyKey(caseId), {
    set: { entity: 'family', caseId, broadcast },
    conditions: [
      old ? { attribute: 'broadcast.id', is: 'equal', value: old.id } : { attribute: 'broadcast', is: 'absent' },
    ],
  });
};
