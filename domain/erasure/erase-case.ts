import { Case } from '../cases/case.ts';
import { type CaseChange, type CaseFile, revised } from '../cases/case-file.ts';
import { changesOf } from '../facts/fact.ts';
import type { Instant } from '../time.ts';
import { withoutPersonal } from './erase-texts.ts';
import { type Erasure, personalIn } from './erasure.ts';
import type { ErasurePosition } from './erasure-position.ts';

const FIELDS = ['title', 'description', 'labels', 'product', 'participants', 'customFields'] as const;

/**
 * Decides what becomes of a case's own fields: texts go, ids, instants and numbers stay, so that it counts as before.
 * The fact names the fields and not what stood there; `next` is where the erasure goes on.
 */
export const eraseCase = (
  file: CaseFile,
  erasure: Erasure,
  isFreeText: (customField: string) => boolean,
  { now, next }: { now: Instant; next: ErasurePosition },
): CaseChange => {
  const { participants: _nobody, ...subject } = file.case;
  const texts = withoutPersonal(subject, personalIn('case', erasure, isFreeText));
  const erased = Case.parse({ ...texts, ...revised(file.case, now), erasedOn: now });
  const changes = changesOf(file.case, erased, FIELDS).map(({ field }) => ({ field }));
  return {
    before: file,
    after: { ...file, case: erased },
    facts: [{ type: 'case.erased', occurredAt: now, erasure: next, changes }],
  };
};
