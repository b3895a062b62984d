import { z } from 'zod';
import { Slug } from '../cases/case.ts';
import { accept, type Decision, invalid } from '../refusal.ts';

/**
 * What cases and entitlements are about. Cases name a product, never a family, and only one that is active. A draft has
 * never been on a case; what has once been more than that is retired and stays for the cases that have it.
 */
export const Product = z
  .strictObject({
    name: z.string().trim().min(1).max(200),
    kind: z.enum(['product', 'family']).default('product'),
    familyId: Slug.optional().describe('The family that it belongs to'),
    state: z.enum(['draft', 'active', 'retired']).default('active'),
  })
  .meta({ id: 'Product' });
export type Product = z.infer<typeof Product>;

/** Decides whether a product may be as `product` says, given the catalogue as it is. */
export const placeProduct = (
  productId: string,
  product: Product,
  catalogue: Catalogue,
): Decision<Product, 'VALIDATION_FAILED'> => {
  const before = catalogue.get(productId);
  const { familyId } = product;
  if (familyId !== undefined && (familyId === productId || catalogue.get(familyId)?.kind !== 'family')) {
    return invalid('familyId', `there is no other family ${familyId}`);
  }
  if (product.state === 'draft' && before && before.state !== 'draft') {
    return invalid('state', `${productId} has been ${before.state}: retire it instead`);
  }
  if (before && before.kind !== product.kind) return invalid('kind', `of ${productId} stays ${before.kind}`);
  return accept(product);
};

/** Why a product cannot go; nothing when no case can have it. */
export const whyKept = (productId: string, catalogue: Catalogue): string | undefined => {
  const member = [...catalogue].find(([, { familyId }]) => familyId === productId);
  if (member) return `${member[0]} belongs to ${productId}`;
  return catalogue.get(productId)?.state === 'draft' || catalogue.get(productId)?.kind === 'family'
    ? undefined
    : 'Cases may have this product: retire it instead';
};

/** All products of the organisation, by id. Where no catalogue is kept it is empty, and any text is a product. */
export type Catalogue = ReadonlyMap<string, Product>;

/**
 * Whether a case may come to be about a product: one of the catalogue, or one that the case itself or a case that it
 * follows has already (`taken`).
 */
export const judgeProduct = (
  product: string | null | undefined,
  catalogue: Catalogue,
  taken: readonly (string | undefined)[] = [],
): Decision<unknown, 'VALIDATION_FAILED'> => {
  if (!product || catalogue.size === 0 || taken.includes(product)) return accept(product);
  const found = catalogue.get(product);
  if (!found) return invalid('product', `there is no product ${product}`);
  if (found.kind === 'family') return invalid('product', `${product} is a family: name one of its products`);
  return found.state === 'active' ? accept(product) : invalid('product', `${product} is ${found.state}`);
};
