import type { SettingsHead } from '../../domain/settings/kinds.ts';
import { type Product, placeProduct, whyKept } from '../../domain/settings/product.ts';
import type { Outcome, Request } from '../api/api.ts';
import { catalogueOf } from '../references.ts';
import { deleteSetting, putSetting, type SettingServices } from './documents.ts';

type IdRequest<Body = unknown> = Request<{ id: string }, unknown, Body>;

/** Creates or replaces a product. The catalogue holds still meanwhile. */
export const putProduct = (services: SettingServices, request: IdRequest<Product>): Promise<Outcome> =>
  putSetting(services, services.settings.products, request, async (id, product, transaction) => {
    const head: SettingsHead = await services.settings.head();
    services.settings.unchanged(transaction, head, [services.settings.products]);
    return placeProduct(id, product, await catalogueOf(services, head));
  });

/** Removes a draft, or a family that has no members; what cases may have is retired instead. */
export const deleteProduct = (services: SettingServices, request: IdRequest): Promise<Outcome> =>
  deleteSetting(services, services.settings.products, request, async (id, transaction) => {
    const head = await services.settings.head();
    services.settings.unchanged(transaction, head, [services.settings.products]);
    return whyKept(id, await catalogueOf(services, head));
  });
