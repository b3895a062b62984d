import { TemplateRuns } from '../../domain/templates/case-template.ts';
import { templateRunsIndexes, templateRunsKey } from './keys.ts';
import type { Table } from './table.ts';
import type { Item, Transaction } from './transaction.ts';

/** How far the schedules of case templates have come. */
export interface TemplateStore {
  runs(templateId: string): Promise<TemplateRuns | undefined>;
  /** Adds to a transaction that a schedule has come to `after`, unless it has gone on since `before` was read. */
  moveOn(transaction: Transaction, before: TemplateRuns | undefined, after: TemplateRuns): void;
  /** Adds to a transaction that a template's schedule is no more. */
  remove(transaction: Transaction, templateId: string): void;
}

/** The store on a table. */
export const templateStore = (table: Table): TemplateStore => ({
  async runs(templateId) {
    const item = await table.get(templateRunsKey(templateId));
    return item && TemplateRuns.parse(item);
  },
  moveOn(transaction, before, after) {
    if (!before) {
      transaction.create(itemOf(after));
      return;
    }
    const { nextAt } = before;
    transaction.replace(itemOf(before), itemOf(after), [
      nextAt ? { attribute: 'nextAt', is: 'equal', value: nextAt } : { attribute: 'nextAt', is: 'absent' },
    ]);
  },
  remove: (transaction, templateId) => transaction.remove(templateRunsKey(templateId)),
});

const itemOf = (runs: TemplateRuns): Item => ({
  ...templateRunsKey(runs.templateId),
  entity: 'templateRuns',
  ...runs,
  ...templateRunsIndexes(runs),
});
