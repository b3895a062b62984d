import { type Counted, count, type Entry, named, type Report, share } from './report.ts';

const use = (counted: Counted): Entry => ({
  linked: count(counted, 'linked', 'articles'),
  resolved: count(counted, 'resolved', 'articles'),
});

/** Resolutions of a subject, with and without an article. */
export const resolutionsOf = (counted: Counted): Entry => {
  const resolutions = count(counted, 'resolutions', 'articles');
  const withArticle = count(counted, 'withArticle', 'articles');
  return {
    resolutions,
    withArticle,
    withoutArticle: resolutions - withArticle,
    share: share(withArticle, resolutions),
  };
};

/** Which articles help, and where one is missing. */
export const articleUsage: Report = {
  name: 'article-usage',
  definition:
    'By article: cases that it was linked to in the period and still is, and resolutions that name it as what resolved the case. By subject: resolutions, and how many of them an article resolved; a subject that is often resolved without one is a gap.',
  cubes: ['articles'],
  groupBy: ['article', 'subject'],
  keysOf: ({ dims: [by, id = ''] }, groupBy) => (by === groupBy ? [[id]] : []),
  isCounted: ({ dims: [by] }, groupBy) => by === groupBy,
  entriesOf: (keyed, groupBy, { subjects, titles }) =>
    groupBy === 'article'
      ? keyed.map(({ key: [id = ''], counted }) => ({ article: id, title: titles.get(id) ?? null, ...use(counted) }))
      : keyed.map(({ key: [id = ''], counted }) => ({
          subject: named(id),
          name: subjects.get(id)?.name ?? named(id),
          ...resolutionsOf(counted),
        })),
  totalsOf: (counted, groupBy) => (groupBy === 'article' ? use(counted) : resolutionsOf(counted)),
};
