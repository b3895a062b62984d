import { MAX_SUBJECT_DEPTH, type Subject } from '../settings/subject.ts';
import { type Counted, count, type Entry, type Keyed, named, type Report } from './report.ts';

const totalsOf = (counted: Counted): Entry => ({ cases: count(counted, 'cases', 'opened') });

/** How many cases each subject had, and each branch of the tree. */
export const subjectVolume: Report = {
  name: 'subject-volume',
  definition:
    'Cases by the moment at which they were opened and the subject that they have now. `own` are the cases of the subject itself, `cases` those of the subject and everything that stands below it in the tree as it is now.',
  cubes: ['opened'],
  groupBy: ['subject'],
  keysOf: ({ dims: [field, subjectId = ''] }) => (field === 'subjectId' ? [[subjectId]] : []),
  isCounted: ({ dims: [field] }) => field === 'subjectId',
  entriesOf: (keyed, _, { subjects }) => rolledUp(keyed, subjects),
  totalsOf,
};

const rolledUp = (keyed: readonly Keyed[], subjects: ReadonlyMap<string, Subject>): Entry[] => {
  const own = new Map(keyed.map(({ key: [id = ''], counted }) => [id, count(counted, 'cases', 'opened')]));
  const all = new Map<string, number>();
  for (const [id, cases] of own) {
    for (const above of pathOf(id, subjects)) all.set(above, (all.get(above) ?? 0) + cases);
  }
  return [...all]
    .map(([id, cases]) => ({
      subject: named(id),
      name: subjects.get(id)?.name ?? named(id),
      path: id ? pathOf(id, subjects).reverse() : [],
      own: own.get(id) ?? 0,
      cases,
    }))
    .sort((a, b) => (a.path.join() < b.path.join() ? -1 : 1));
};

/** A subject and everything above it; one that is gone stands alone. */
const pathOf = (subjectId: string, subjects: ReadonlyMap<string, Subject>): string[] => {
  const path = [subjectId];
  for (let above = subjects.get(subjectId)?.parentId; above && path.length < MAX_SUBJECT_DEPTH; ) {
    path.push(above);
    above = subjects.get(above)?.parentId;
  }
  return path;
};

const FIELDS: Readonly<Record<string, string>> = {
  product: 'product',
  origin: 'origin',
  priority: 'priority',
  type: 'caseType',
};

/** How many cases each product had, or each origin, priority or case type. */
export const productVolume: Report = {
  name: 'product-volume',
  definition:
    'Cases by the moment at which they were opened and the product that they are about now; or by origin, priority or case type.',
  cubes: ['opened'],
  groupBy: Object.keys(FIELDS),
  keysOf: ({ dims: [field, value = ''] }, groupBy) => (field === FIELDS[groupBy] ? [[value]] : []),
  isCounted: ({ dims: [field] }, groupBy) => field === FIELDS[groupBy],
  entriesOf: (keyed, groupBy) =>
    keyed.map(({ key: [value], counted }) => ({ [groupBy]: named(value), ...totalsOf(counted) })),
  totalsOf,
};
