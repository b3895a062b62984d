import type { CaseFile, Rules } from '../../domain/cases/case-file.ts';
import type { SettingsHead } from '../../domain/settings/kinds.ts';
import { customerFieldsIn } from '../../domain/sla/follow-case.ts';
import { withAccount } from '../references.ts';
import type { Services } from '../services.ts';

/** The rules for a case that a command changes, with its customer where the conditions of its SLA look at them. */
export const rulesOfCase = async (
  { settings, customers }: Pick<Services, 'settings' | 'customers'>,
  head: SettingsHead,
  file: CaseFile,
): Promise<Rules> => {
  const rules = await settings.rulesFor(head, file);
  if (!rules.sla || customerFieldsIn(rules.sla.document).length === 0) return rules;
  const customer = await customers.find(file.case.customerId);
  return customer ? { ...rules, customer: (await withAccount({ customers }, customer)).customer } : rules;
};
