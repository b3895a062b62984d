import { describe, expect, it } from 'vitest';
import { linkArticle, resolvedByArticle, unlinkArticle } from '../../../domain/articles/link-article.ts';
import { ConvertCase, convertCase } from '../../../domain/convert/convert-case.ts';
import {
  activeCase,
  anna,
  CASE,
  cancelledCase,
  fileOf,
  NOW,
  PARENT,
  resolvedCase,
} from '../../support/case-builders.ts';

const articleId = '0196b3a0-0000-7000-8000-00000000000a';
const context = { articleId, by: 'anna', now: NOW };
const link = { caseId: CASE, articleId, linkedBy: 'ben', linkedOn: NOW, resolvedCase: false };

describe('a merged case', () => {
  const merged = fileOf(cancelledCase({ mergedInto: PARENT }));

  it.each([
    ['is linked to no article', () => linkArticle(merged, context)],
    ['loses none', () => unlinkArticle(merged, { ...context, link })],
    [
      'is converted to nothing',
      () => convertCase(merged, ConvertCase.parse({ to: 'lead' }), { id: articleId, caller: anna, now: NOW }),
    ],
  ])('%s', (_, decide) => {
    expect(decide()).toMatchObject({ accepted: false, code: 'CASE_NOT_ACTIVE' });
  });
});

describe('linking', () => {
  it.each([
    ['an active', activeCase()],
    ['a resolved', resolvedCase()],
    ['a cancelled', cancelledCase()],
  ])('%s case makes sure that it is not merged meanwhile', (_, subject) => {
    expect(linkArticle(fileOf(subject), context)).toMatchObject({
      value: { change: { fences: [{ type: 'isNotMerged' }] }, link: { counts: { usageCount: 1 } } },
    });
  });

  it('again changes nothing', () => {
    const decision = linkArticle(fileOf(), { ...context, link });
    expect(decision.accepted && decision.value.change.facts).toEqual([]);
    expect(decision.accepted && decision.value.link).toBeUndefined();
  });
});

it('an article that resolved a case counts the resolution, and the link only when it is new', () => {
  const change = { after: fileOf(resolvedCase()), facts: [] };
  expect(resolvedByArticle(change, { ...context, link })).toMatchObject({
    change: { facts: [] },
    link: { after: { linkedBy: 'ben', resolvedCase: true }, counts: { resolvedByCount: 1 } },
  });
  expect(resolvedByArticle(change, context)).toMatchObject({
    change: { facts: [{ type: 'article.linked' }] },
    link: { after: { linkedBy: 'anna', resolvedCase: true }, counts: { usageCount: 1, resolvedByCount: 1 } },
  });
});
