import { z } from 'zod';
import type { Caller, CaseChange, CaseFile } from '../cases/case-file.ts';
import { accept, type Decision, invalid, type Refusal, refuse } from '../refusal.ts';
import type { Instant } from '../time.ts';
import { type CaseLink, isMutual, type LinkChange, LinkKind } from './link.ts';

/** The body of a link. */
export const LinkCases = z.strictObject({ kind: LinkKind }).meta({ id: 'LinkCases' });
export type LinkCases = z.infer<typeof LinkCases>;

/** What a link needs besides the two cases. */
export interface LinkContext {
  /** The link of this kind that there is between them. */
  existing?: CaseLink;
  caller: Caller;
  now: Instant;
}

/** Decides that an active case is linked to another. The same link again changes nothing; the other way round turns it. */
export const linkCases = (
  file: CaseFile,
  other: CaseFile,
  { kind }: LinkCases,
  { existing, caller, now }: LinkContext,
): Decision<CaseChange> => {
  const { caseId } = file.case;
  const { caseId: otherId, version: otherVersion } = other.case;
  if (caseId === otherId) return invalid('path.otherId', 'a case is not linked to itself');
  const refusal = whyNotLinked(file, other);
  if (refusal) return refusal;
  if (existing && (isMutual(kind) || existing.direction === 'outgoing')) {
    return accept({ before: file, after: file, facts: [] });
  }
  const link: CaseLink = { caseId, otherId, kind, direction: 'outgoing', linkedOn: now, linkedBy: caller.userId };
  return accept({
    before: file,
    after: file,
    facts: [{ type: 'case.linked', occurredAt: now, otherId, linkKind: kind, direction: 'outgoing' }],
    links: [{ before: existing, after: link, otherVersion }],
    fences: [{ type: 'isActive' }],
  });
};

/** A new case that may have to do with another, which is not known for sure. */
export const possiblyRelated = (
  created: CaseChange,
  { case: { caseId: otherId, version: otherVersion } }: CaseFile,
  { caller, now }: Omit<LinkContext, 'existing'>,
): CaseChange => {
  const { caseId } = created.after.case;
  const link = { caseId, otherId, kind: 'possibleRelated', direction: 'outgoing' } as const;
  return {
    ...created,
    facts: [
      ...created.facts,
      { type: 'case.linked', occurredAt: now, otherId, linkKind: link.kind, direction: link.direction },
    ],
    links: [...(created.links ?? []), { after: { ...link, linkedOn: now, linkedBy: caller.userId }, otherVersion }],
  };
};

/** Decides that an active case is no longer linked to another, by any of the given links. */
export const unlinkCases = (
  file: CaseFile,
  other: CaseFile,
  existing: readonly CaseLink[],
  now: Instant,
): Decision<CaseChange> => {
  const refusal = whyNotLinked(file, other);
  if (refusal) return refusal;
  if (existing.length === 0) return refuse('NOT_FOUND', `${file.case.caseNumber} has no such link`);
  const { version: otherVersion } = other.case;
  return accept({
    before: file,
    after: file,
    facts: existing.map(({ otherId, kind, direction }) => ({
      type: 'case.unlinked' as const,
      occurredAt: now,
      otherId,
      linkKind: kind,
      direction,
    })),
    links: existing.map((before): LinkChange => ({ before, otherVersion })),
    fences: [{ type: 'isActive' }],
  });
};

/** A closed case may be what another is linked to, but a merged one is another case by now. */
const whyNotLinked = ({ case: subject }: CaseFile, { case: other }: CaseFile): Refusal | undefined => {
  if (subject.status !== 'active') return refuse('CASE_NOT_ACTIVE', `${subject.caseNumber} is ${subject.status}`);
  const mergedInto = other.status === 'cancelled' ? other.mergedInto : undefined;
  return mergedInto
    ? refuse('MERGED_ELSEWHERE', `${other.caseNumber} has been merged into another case`, { mergedInto })
    : undefined;
};
