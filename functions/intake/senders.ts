import { createHash } from 'node:crypto';
import { z } from 'zod';
import { Customer, CustomerFields } from '../../domain/customers/customer.ts';
import type { Sender } from '../../domain/intake/message.ts';
import { channelCaller } from '../../domain/intake/record-message.ts';
import { addressTerm } from '../../domain/search/customer-terms.ts';
import type { Instant } from '../../domain/time.ts';
import type { Services } from '../services.ts';

type SenderServices = Pick<Services, 'customers'>;

/**
 * The customer who wrote: who is called so on this channel, or on another, then who has the address or the number. Of
 * several a contact goes before an account, and who has been known longest before the others.
 */
export const customerOf = async (
  { customers }: SenderServices,
  channelId: string,
  from: Sender,
): Promise<Customer | undefined> => {
  const own = await customers.find(contactIdOf(channelId, from));
  if (own) return own;
  const called = (await customers.withAddress(from.id)).filter(({ contactPoints = [], email, phone }) =>
    [email, phone, ...contactPoints.filter(({ channel }) => channel === channelId).map(({ address }) => address)].some(
      isSame(from.id),
    ),
  );
  if (called.length > 0) return preferred(called);
  for (const address of [from.email, from.phone].flatMap((one) => one ?? [])) {
    const found = (await customers.withAddress(address)).filter(({ email, phone }) =>
      [email, phone].some(isSame(address)),
    );
    if (found.length > 0) return preferred(found);
  }
  return undefined;
};

const isSame =
  (address: string) =>
  (other: string | undefined): boolean =>
    other !== undefined && addressTerm(other) === addressTerm(address);

const preferred = (customers: readonly Customer[]): Customer | undefined =>
  [...customers].sort((a, b) => rank(a).localeCompare(rank(b)))[0];

const rank = ({ kind, createdOn, customerId }: Customer): string =>
  `${kind === 'contact' ? 0 : 1} ${createdOn} ${customerId}`;

/** Follows from who they are, so that two messages of theirs that come at once make one contact. */
const contactIdOf = (channelId: string, { id }: Sender): string =>
  `contact-${createHash('sha256')
    .update(JSON.stringify([channelId, id]))
    .digest('hex')
    .slice(0, 32)}`;

/** Somebody who writes for the first time, as a contact. What they say of themselves is taken as far as it can be. */
export const newContact = (channelId: string, from: Sender, now: Instant): Customer => {
  const { email, phone } = CustomerFields.shape;
  const said = {
    email: [from.email, from.id].map((text) => email.safeParse(text).data).find(Boolean),
    phone: phone.safeParse(from.phone).data,
  };
  const name = [from.name, said.email, said.phone, from.id].map((text) => Name.safeParse(text).data).find(Boolean);
  return Customer.parse({
    customerId: contactIdOf(channelId, from),
    name: name ?? 'Unknown',
    kind: 'contact',
    ...said,
    contactPoints: [{ channel: channelId, address: from.id }],
    createdOn: now,
    createdBy: channelCaller(channelId).userId,
    modifiedOn: now,
    version: 1,
  });
};

const Name = z
  .string()
  .trim()
  .min(1)
  .transform((text) => text.slice(0, 200));

/** A customer of whom somebody has said that the sender is them: their next message is known. */
export const alsoKnownAs = (customer: Customer, channelId: string, { id }: Sender, now: Instant): Customer => {
  const { contactPoints = [] } = customer;
  const point = { channel: channelId, address: id };
  return { ...customer, contactPoints: [...contactPoints, point], modifiedOn: now, version: customer.version + 1 };
};
