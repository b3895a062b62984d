import { resolutionsOf } from './article-usage.ts';
import { type Counted, count, type Entry, named, type Report } from './report.ts';

const searches = (counted: Counted): Entry => {
  const all = count(counted, 'searches', 'searches');
  return {
    searches: all,
    withoutClick: all - count(counted, 'helped', 'searches'),
    foundNothing: count(counted, 'foundNothing', 'searches'),
  };
};

/** Words are as many as people think of; those of which articles are missing most are told. */
const TOLD = 200;

const worstFirst = (entries: readonly Entry[], by: string): Entry[] =>
  entries
    .filter((entry) => Number(entry[by]) > 0)
    .sort((a, b) => Number(b[by]) - Number(a[by]))
    .slice(0, TOLD);

/** Where articles are missing. */
export const articleGaps: Report = {
  name: 'article-gaps',
  definition:
    'By words: searches for published articles, those that ended without one being opened or linked (`withoutClick`), and those that found nothing, under the words that were looked for, whatever their order. By subject: resolutions, and how many of them no article resolved. The worst first, 200 at most; what has no gap is left out.',
  cubes: ['searches', 'articles'],
  groupBy: ['words', 'subject'],
  keysOf({ cube, dims }, groupBy) {
    if (cube === 'searches') return groupBy === 'words' ? [dims] : [];
    const [by, id = ''] = dims;
    return groupBy === 'subject' && by === 'subject' ? [[id]] : [];
  },
  isCounted: ({ cube, dims: [by] }, groupBy) =>
    cube === 'searches' ? groupBy === 'words' : groupBy === 'subject' && by === 'subject',
  entriesOf: (keyed, groupBy, { subjects }) =>
    groupBy === 'words'
      ? worstFirst(
          keyed.map(({ key: [words], counted }) => ({ words, ...searches(counted) })),
          'withoutClick',
        )
      : worstFirst(
          keyed.map(({ key: [id = ''], counted }) => ({
            subject: named(id),
            name: subjects.get(id)?.name ?? named(id),
            ...resolutionsOf(counted),
          })),
          'withoutArticle',
        ),
  totalsOf: (counted, groupBy) => (groupBy === 'words' ? searches(counted) : resolutionsOf(counted)),
};
