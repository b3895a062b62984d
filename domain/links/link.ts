import { z } from 'zod';
import { CaseId } from '../cases/case.ts';
import { Instant } from '../time.ts';

/** How two cases belong together without one standing above the other. */
export const LinkKind = z.enum(['previous', 'possibleRelated', 'duplicateOf', 'relatesTo']).meta({ id: 'LinkKind' });
export type LinkKind = z.infer<typeof LinkKind>;

/**
 * A link as one of its cases sees it: `outgoing` on the case whose previous case, or original, the other one is, and
 * `incoming` on that other. Of the kinds that say the same from both sides the direction tells nothing.
 */
export const CaseLink = z.object({
  caseId: CaseId,
  otherId: CaseId,
  kind: LinkKind,
  direction: z.enum(['outgoing', 'incoming']),
  linkedOn: Instant,
  linkedBy: z.string(),
});
export type CaseLink = z.infer<typeof CaseLink>;

/** The same link as its other case sees it. */
export const fromOtherSide = (link: CaseLink): CaseLink => ({
  ...link,
  caseId: link.otherId,
  otherId: link.caseId,
  direction: opposite(link.direction),
});

/** The other direction. */
export const opposite = (direction: CaseLink['direction']): CaseLink['direction'] =>
  direction === 'outgoing' ? 'incoming' : 'outgoing';

/** Kinds that say the same from both sides. */
export const isMutual = (kind: LinkKind): boolean => kind === 'possibleRelated' || kind === 'relatesTo';

/** A link before and after a command, and the version of the other case: its timeline tells too. */
export interface LinkChange {
  readonly before?: CaseLink;
  readonly after?: CaseLink;
  readonly otherVersion: number;
}
