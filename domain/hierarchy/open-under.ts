import type { CaseFile } from '../cases/case-file.ts';
import { type Refusal, refuse } from '../refusal.ts';
import type { CaseSettings } from '../settings/case-settings.ts';

/**
 * Why no child may be created under or attached to `parent`, or nothing when one may. Depth is exactly one. Under
 * `independent` a parent may be closed already: its closing means nothing to its children.
 */
export const whyNoChildUnder = (
  parent: CaseFile,
  settings: CaseSettings,
): Refusal<'CHILD_OF_CHILD' | 'CHILD_LIMIT' | 'PARENT_NOT_ACTIVE'> | undefined => {
  if (parent.case.parentId) return refuse('CHILD_OF_CHILD', 'A child case cannot have children');
  const merged = parent.case.status === 'cancelled' && parent.case.mergedInto !== undefined;
  if (merged || (parentMustBeActive(settings) && parent.case.status !== 'active')) {
    return refuse('PARENT_NOT_ACTIVE', `${parent.case.caseNumber} is ${parent.case.status}`);
  }
  if (parent.family.childCount >= settings.maxChildren) {
    return refuse('CHILD_LIMIT', `A parent has at most ${settings.maxChildren} children`);
  }
  return undefined;
};

/** Blocking and cascading parents take children only while active: a closed one would never close them. */
export const parentMustBeActive = (settings: CaseSettings): boolean => settings.closurePolicy !== 'independent';
