import type { CustomFields } from '../../domain/custom-fields/fill-fields.ts';
import { type CustomFieldValues, type GivenValues, heldIn, pathOf } from '../../domain/custom-fields/values.ts';
import { invalid, type Refusal } from '../../domain/refusal.ts';
import type { SettingsHead } from '../../domain/settings/kinds.ts';
import { ownerOf } from '../people/owners.ts';
import type { Services } from '../services.ts';

/** Why a field cannot refer to whom it is given; who is referred to already may have left since. */
export const whyNobody = async (
  services: Pick<Services, 'settings' | 'users' | 'customers'>,
  head: SettingsHead,
  fields: CustomFields,
  given: GivenValues = {},
  before?: CustomFieldValues,
): Promise<Refusal | undefined> => {
  const refusals = await Promise.all(
    fields.map(async ({ id, document: { type } }) => {
      const value = given[id];
      if (typeof value !== 'string' || value === '' || value === heldIn(before, id)) return undefined;
      if (type === 'user' && !(await ownerOf(services, head, value))) {
        return invalid(pathOf(id), `there is no active user ${value}`);
      }
      if (type === 'customer' && !(await services.customers.find(value))) {
        return invalid(pathOf(id), `there is no customer ${value}`);
      }
      return undefined;
    }),
  );
  return refusals.find((refusal) => refusal !== undefined);
};
