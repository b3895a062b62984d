import { describe, expect, it } from 'vitest';
import { judgeProduct, Product, placeProduct, whyKept } from '../../../domain/settings/product.ts';

const product = (given: object = {}): Product => Product.parse({ name: 'A product', ...given });
const catalogue = new Map([
  ['printers', product({ kind: 'family' })],
  ['laser', product({ familyId: 'printers' })],
  ['ink', product({ state: 'draft' })],
  ['matrix', product({ state: 'retired' })],
]);

describe('a case', () => {
  it('is about any text where no catalogue is kept', () => {
    expect(judgeProduct('Whatever', new Map()).accepted).toBe(true);
  });

  it.each([
    ['an active product', 'laser', true],
    ['a family', 'printers', false],
    ['a draft', 'ink', false],
    ['a retired product', 'matrix', false],
    ['an unknown product', 'fax', false],
  ])('may be about %s: %s', (_, id, may) => {
    expect(judgeProduct(id, catalogue).accepted).toBe(may);
  });

  it('keeps what it has, and takes over what the case that it follows has', () => {
    expect(judgeProduct('matrix', catalogue, ['ink', 'matrix']).accepted).toBe(true);
    expect(judgeProduct(null, catalogue).accepted).toBe(true);
  });
});

describe('a product', () => {
  it.each([
    ['belongs to a family', 'fax', { familyId: 'printers' }, true],
    ['belongs to no product', 'fax', { familyId: 'laser' }, false],
    ['belongs not to itself', 'printers', { kind: 'family', familyId: 'printers' }, false],
    ['is never a draft again', 'laser', { state: 'draft' }, false],
    ['comes back from retirement', 'matrix', { state: 'active' }, true],
    ['stays a product', 'laser', { kind: 'family' }, false],
  ])('%s', (_, id, given, may) => {
    expect(placeProduct(id, product(given), catalogue).accepted).toBe(may);
  });

  it('goes only while no case can have it', () => {
    expect(whyKept('ink', catalogue)).toBeUndefined();
    expect(whyKept('laser', catalogue)).toContain('retire it');
    expect(whyKept('printers', catalogue)).toContain('laser');
    expect(whyKept('printers', new Map([['printers', product({ kind: 'family' })]]))).toBeUndefined();
  });
});
