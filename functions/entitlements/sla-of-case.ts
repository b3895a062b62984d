import type { SlaSource } from '../../domain/cases/case.ts';
import type { CaseFile, Rules } from '../../domain/cases/case-file.ts';
import type { PatchCase } from '../../domain/cases/patch-case.ts';
import type { Entitlement } from '../../domain/entitlements/entitlement.ts';
import { accept, type Decision, invalid } from '../../domain/refusal.ts';
import type { SettingsHead } from '../../domain/settings/kinds.ts';
import type { Services } from '../services.ts';

type SlaServices = Pick<Services, 'settings'>;

/** The rules of a new case: the SLA that was chosen by hand, or else the entitlement's, or else the default. */
export const rulesOfNewCase = async (
  { settings }: SlaServices,
  head: SettingsHead,
  rules: Rules,
  { slaId, entitlement }: { slaId: string | undefined; entitlement: Entitlement | undefined },
): Promise<Rules> => {
  const granted = !slaId && entitlement?.slaId ? await settings.slas.find(entitlement.slaId, head) : undefined;
  return granted ? { ...rules, sla: granted } : rules;
};

/** The rules of a case after an edit, and whose word their SLA is. */
export const rulesAfterEdit = async (
  { settings }: SlaServices,
  head: SettingsHead,
  { file, rules, entitlement }: { file: CaseFile; rules: Rules; entitlement: Entitlement | undefined },
  { slaId, customerId }: PatchCase,
): Promise<Decision<{ rules: Rules; slaSource?: SlaSource }, 'VALIDATION_FAILED'>> => {
  const { case: subject } = file;
  if (slaId) {
    const chosen = await settings.rulesFor(head, file, slaId);
    return chosen.sla ? accept({ rules: chosen, slaSource: 'manual' }) : invalid('slaId', `there is no SLA ${slaId}`);
  }
  const isMoved = customerId !== undefined && customerId !== subject.customerId;
  const isEntitledAnew = entitlement?.entitlementId !== subject.entitlementId;
  const isDerived = subject.status === 'active' && subject.slaSource !== 'manual' && (isMoved || isEntitledAnew);
  if (!isDerived && slaId !== null) return accept({ rules, slaSource: subject.slaSource });
  const granted = entitlement?.slaId ? await settings.slas.find(entitlement.slaId, head) : undefined;
  const sla = granted ?? (await settings.defaultSla(head));
  // The same SLA again stays in the version that the case was promised.
  const after = sla?.id === subject.slaId ? rules : { ...rules, sla };
  return accept({ rules: after, ...(sla && { slaSource: granted ? 'entitlement' : 'default' }) });
};
