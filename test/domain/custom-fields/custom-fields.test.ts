import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { z } from 'zod';
import { createCase } from '../../../domain/cases/create-case.ts';
import { patchCase } from '../../../domain/cases/patch-case.ts';
import { resolveCase } from '../../../domain/cases/resolve-case.ts';
import { acceptValue } from '../../../domain/custom-fields/accept-value.ts';
import { CustomField } from '../../../domain/custom-fields/custom-field.ts';
import {
  type CustomFields,
  inheritedValues,
  valuesAfter,
  whyNotFilled,
  whyNotLeft,
  whyNotResolved,
} from '../../../domain/custom-fields/fill-fields.ts';
import type { CustomFieldValue } from '../../../domain/custom-fields/values.ts';
import type { Refusal } from '../../../domain/refusal.ts';
import {
  activeCase,
  ada,
  anna,
  CASE,
  changeOf,
  closingBy,
  EARLIER,
  fileOf,
  NOW,
  resolvedCase,
  rulesOf,
  sue,
  told,
} from '../../support/case-builders.ts';

type Input = Partial<z.input<typeof CustomField>>;

const field = (fields: Input = {}): CustomField => CustomField.parse({ label: 'A field', type: 'text', ...fields });
const named = (fields: Record<string, Input>): CustomFields =>
  Object.entries(fields).map(([id, one]) => ({ id, version: 1, document: field(one) }));
const options = (...values: string[]) => values.map((value) => ({ value }));
const wrongAt = (refusal: Refusal | undefined) => refusal?.errors?.map(({ path }) => path) ?? [];
const problems = (fields: Input): string[] => {
  const parsed = CustomField.safeParse({ label: 'A field', ...fields });
  return parsed.error?.issues.map(({ path }) => path.join('.')) ?? [];
};

describe('a custom field', () => {
  it.each<[string, Input, string[]]>([
    ['options for a choice', { type: 'option' }, ['options']],
    ['no options for a text', { type: 'text', options: options('a') }, ['options']],
    ['no length for a number', { type: 'number', maxLength: 4 }, ['maxLength']],
    ['bounds the right way round', { type: 'number', minimum: 3, maximum: 2 }, ['maximum']],
    ['days as bounds of a day', { type: 'date', earliest: '2026-01-01T00:00:00.000Z' }, ['earliest']],
    ['instants as bounds of an instant', { type: 'datetime', latest: '2026-01-01' }, ['latest']],
    ['each option once', { type: 'option', options: options('a', 'a') }, ['options']],
    ['a requirement for its condition', { type: 'text', requiredWhen: { all: [] } }, ['requiredWhen']],
    ['no more than that', { type: 'number', minimum: 1, maximum: 9, integer: true }, []],
  ])('needs %s', (_, fields, where) => {
    expect(problems(fields)).toEqual(where);
  });

  it.each<[Input, CustomFieldValue, CustomFieldValue | 'refused']>([
    [{ type: 'text', maxLength: 3 }, ' abc ', 'abc'],
    [{ type: 'text', maxLength: 3 }, 'abcd', 'refused'],
    [{ type: 'text', minLength: 2 }, 'a', 'refused'],
    [{ type: 'text' }, 7, 'refused'],
    [{ type: 'number', integer: true }, 2.5, 'refused'],
    [{ type: 'number', minimum: 2, maximum: 3 }, 2.5, 2.5],
    [{ type: 'number', maximum: 3 }, 4, 'refused'],
    [{ type: 'number' }, '4', 'refused'],
    [{ type: 'boolean' }, false, false],
    [{ type: 'date', earliest: '2026-03-01' }, '2026-02-28', 'refused'],
    [{ type: 'date', latest: '2026-03-01' }, '2026-03-01', '2026-03-01'],
    [{ type: 'date' }, '2026-02-30', 'refused'],
    [{ type: 'datetime' }, '2026-03-09T13:30:00+01:00', '2026-03-09T12:30:00.000Z'],
    [{ type: 'option', options: [{ value: 'a', enabled: false }, { value: 'b' }] }, 'a', 'refused'],
    [{ type: 'option', options: options('a', 'b') }, 'b', 'b'],
    [{ type: 'multiOption', options: options('a', 'b') }, ['b', 'a', 'b'], ['b', 'a']],
    [{ type: 'multiOption', options: options('a', 'b') }, ['a', 'c'], 'refused'],
    [{ type: 'user' }, 'user:anna', 'anna'],
    [{ type: 'user' }, 'team:desk', 'refused'],
    [{ type: 'customer' }, 'ada', 'ada'],
  ])('%o given %o keeps %o', (input, value, kept) => {
    const decision = acceptValue('it', field(input), value);
    expect(decision.accepted ? decision.value : 'refused').toEqual(kept);
  });
});

describe('values that a case is given', () => {
  const fields = named({
    serial: { caseTypes: ['problem'] },
    old: { enabled: false },
    note: {},
  });

  it('must be of fields that there are, that are enabled, and that its type has', () => {
    const given = { serial: 'X', old: 'X', note: 'X', constructor: 'X' };
    expect(wrongAt(valuesAfter(undefined, given, 'question', fields) as Refusal)).toEqual([
      'customFields.serial',
      'customFields.old',
      'customFields.constructor',
    ]);
    expect(valuesAfter(undefined, { serial: 'X' }, 'problem', fields)).toMatchObject({ value: { serial: 'X' } });
  });

  it('stay where nothing is said of them, also those whose field takes none any more', () => {
    const before = { old: 'kept', serial: 'kept', note: 'gone' };
    expect(valuesAfter(before, { old: 'kept', note: '' }, 'question', fields)).toEqual({
      accepted: true,
      value: { old: 'kept', serial: 'kept' },
    });
    expect(valuesAfter(before, { old: null, serial: null, note: null }, 'question', fields)).toEqual({
      accepted: true,
      value: undefined,
    });
  });

  it('fill no more of a case than an item can hold', () => {
    const many = named(Object.fromEntries(Array.from({ length: 5 }, (_, n) => [`f${n}`, { maxLength: 8000 }])));
    const given = Object.fromEntries(many.map(({ id }) => [id, 'x'.repeat(8000)]));
    expect(wrongAt(valuesAfter(undefined, given, undefined, many) as Refusal)).toEqual(['customFields']);
  });
});

describe('what a case must have', () => {
  const fields = named({
    serial: { required: 'onCreate', caseTypes: ['problem'] },
    cause: { required: 'onResolve', requiredWhen: { field: 'priority', op: 'eq', value: 'urgent' } },
    secret: { required: 'onCreate', hidden: true },
    extra: { required: 'onCreate', hiddenWhen: { field: 'customFields.serial', op: 'exists' } },
  });

  it('is asked of people who create it, for its type, where it is not hidden', () => {
    expect(wrongAt(whyNotFilled({ caseType: 'problem' }, fields, true))).toEqual([
      'customFields.serial',
      'customFields.extra',
    ]);
    expect(whyNotFilled({ caseType: 'problem', customFields: { serial: 'X' } }, fields, true)).toBeUndefined();
    expect(whyNotFilled({ caseType: 'problem' }, fields, false)).toBeUndefined();
  });

  it('is not asked where a message opens the case, or an import', () => {
    const rules = rulesOf({}, { customFields: named({ site: { required: 'onCreate' } }) });
    const ids = { caseId: CASE, caseNumber: 'CASE-000001', referenceKey: 'CASE-000001-4F7K' };
    const command = { title: 'No network', customerId: 'ada', origin: 'email', applySla: true };
    const creating = (asked: object, more: object = {}) =>
      told(createCase({ ...command, ...asked }, { ids, customer: ada, rules, caller: anna, now: NOW, ...more }));
    expect(creating({})).toBe('VALIDATION_FAILED');
    expect(creating({}, { opensByItself: true })).toBe('case.created');
    const admin = { caller: { userId: 'root', roles: ['admin' as const] } };
    expect(creating({ createdOn: EARLIER }, admin)).toBe('case.created');
  });

  it('is asked of an edit only as far as the edit makes it so', () => {
    const lacking = activeCase({ caseType: 'problem' });
    expect(whyNotLeft(lacking, { ...lacking, title: 'Other' } as never, fields)).toBeUndefined();
    expect(
      wrongAt(
        whyNotLeft(activeCase({ customFields: { extra: 'x' } }), { ...lacking, customFields: { extra: 'x' } }, fields),
      ),
    ).toEqual(['customFields.serial']);
  });

  it('is asked for before a resolution, whoever created the case', () => {
    const urgent = activeCase({ caseType: 'problem', priority: 'urgent' });
    expect(wrongAt(whyNotResolved(urgent, fields))).toEqual([
      'customFields.serial',
      'customFields.cause',
      'customFields.extra',
    ]);
    const context = closingBy(anna, rulesOf({}, { customFields: fields }));
    const command = { resolutionType: 'problemSolved', resolution: 'Done', confirmCancelActivities: false };
    expect(told(resolveCase(fileOf(urgent), command, context))).toBe('VALIDATION_FAILED');
    const filled = activeCase({ caseType: 'problem', customFields: { serial: 'X' } });
    expect(told(resolveCase(fileOf(filled), command, context))).toBe('case.resolved');
  });
});

describe('options that depend on another field', () => {
  const fields = named({
    area: { type: 'option', options: options('billing', 'network') },
    detail: {
      type: 'option',
      options: [
        { value: 'address', when: { field: 'customFields.area', op: 'eq', value: 'billing' } },
        { value: 'router', when: { field: 'customFields.area', op: 'eq', value: 'network' } },
        { value: 'other' },
      ],
    },
  });
  const edit = (customFields: Record<string, string | null>, before = { area: 'billing', detail: 'address' }) =>
    patchCase(
      fileOf(activeCase({ customFields: before })),
      { customFields },
      { rules: rulesOf({}, { customFields: fields }), caller: anna, now: NOW, customer: ada },
    );

  it('are refused while it has another value', () => {
    expect(wrongAt(edit({ detail: 'router' }) as Refusal)).toEqual(['customFields.detail']);
    expect(told(edit({ detail: 'other' }))).toBe('case.updated');
  });

  it('must change together with it', () => {
    expect(wrongAt(edit({ area: 'network' }) as Refusal)).toEqual(['customFields.detail']);
    expect(changeOf(edit({ area: 'network', detail: 'router' })).facts[0]?.changes).toEqual([
      { field: 'customFields.area', old: 'billing', new: 'network' },
      { field: 'customFields.detail', old: 'address', new: 'router' },
    ]);
    expect(changeOf(edit({ area: 'network', detail: null })).after.case.customFields).toEqual({ area: 'network' });
  });

  it('change nothing when they are said again', () => {
    expect(changeOf(edit({ area: 'billing' })).facts).toEqual([]);
  });
});

describe('on a closed case', () => {
  const edit = (caller: typeof anna) =>
    patchCase(
      fileOf(resolvedCase()),
      { customFields: { note: 'Late' } },
      { rules: rulesOf({}, { customFields: named({ note: {} }) }), caller, now: NOW, customer: ada },
    );

  it('only supervisors change custom fields', () => {
    expect(told(edit(anna))).toBe('CASE_NOT_ACTIVE');
    expect(told(edit(sue))).toBe('case.updated');
  });
});

describe('a child', () => {
  const fields = named({
    serial: { caseTypes: ['problem'] },
    site: {},
    area: { type: 'option', options: options('billing', 'network') },
    detail: {
      type: 'option',
      options: [{ value: 'router', when: { field: 'customFields.area', op: 'eq', value: 'network' } }],
    },
  });
  const parent = { customFields: { serial: 'X', site: 'Leeds', area: 'network', detail: 'router' } };

  it('takes the selected fields that it leaves empty and that fit it', () => {
    const selected = ['customFields.serial', 'customFields.site'] as const;
    expect(inheritedValues({ caseType: 'problem' }, parent, selected, fields)).toEqual({ serial: 'X', site: 'Leeds' });
    expect(inheritedValues({ customFields: { site: 'York' } }, parent, selected, fields)).toEqual({ site: 'York' });
  });

  it('takes no option that would be none there', () => {
    const own = { customFields: { area: 'billing' } };
    expect(inheritedValues(own, parent, ['customFields.detail'], fields)).toEqual(own.customFields);
    expect(inheritedValues({}, parent, ['customFields.detail', 'customFields.area'], fields)).toEqual({
      area: 'network',
      detail: 'router',
    });
  });

  it('is never refused for what it inherits', () => {
    const names = fc.subarray(['serial', 'site', 'area', 'detail'] as const);
    fc.assert(
      fc.property(
        names,
        fc.constantFrom(undefined, 'problem' as const),
        fc.constantFrom(undefined, 'billing', 'network'),
        (selected, caseType, area) => {
          const own = { caseType, ...(area && { customFields: { area } }) };
          const paths = selected.map((name) => `customFields.${name}` as const);
          const customFields = inheritedValues(own, parent, paths, fields);
          expect(valuesAfter(undefined, customFields ?? {}, caseType, fields).accepted).toBe(true);
          expect(whyNotFilled({ ...own, customFields }, fields, true)).toBeUndefined();
        },
      ),
      { numRuns: process.env.NIGHTLY ? 2000 : 100 },
    );
  });
});
