import { isUnderWay, type Merges } from '../../../domain/merge/merges.ts';
import { casePk, type IndexKeys, type Key } from './parts.ts';
import { sweepKeys } from './sweeping.ts';

export const mergesKey = (caseId: string): Key => ({ PK: casePk(caseId), SK: 'CASE#MERGES' });
export const LINK_PREFIX = 'LINK#';

/** What the sort keys of all links between two cases begin with. */
export const linksBetween = (otherId: string): string => `${LINK_PREFIX}${otherId}#`;

export const linkKey = (caseId: string, otherId: string, kind: string): Key => ({
  PK: casePk(caseId),
  SK: `${linksBetween(otherId)}${kind}`,
});

export const mergesIndexes = ({ caseId, away }: Pick<Merges, 'caseId' | 'away'>): IndexKeys =>
  away && isUnderWay(away) ? sweepKeys('move', caseId, away.progressAt) : {};
