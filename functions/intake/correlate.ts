import type { CaseFile } from '../../domain/cases/case-file.ts';
import type { InboundMessage, Sender } from '../../domain/intake/message.ts';
import { participantsOf } from '../../domain/merge/merges.ts';
import { survivorOf } from '../../domain/merge/survivor-of.ts';
import { addressTerm } from '../../domain/search/customer-terms.ts';
import type { Services } from '../services.ts';

type CorrelateServices = Pick<Services, 'intake' | 'cases' | 'customers'>;

/** Reference keys are one for the whole service, whatever channel they come back by. */
export const REFERENCE_SCOPE = 'reference';

/** The case that a message belongs to, and where each of its keys has led so far. */
export interface Correlation {
  correlated?: { file: CaseFile; because: string };
  leads: ReadonlyMap<string, string | undefined>;
}

/**
 * Finds the case that a message belongs to: by its conversation's keys, the surest first, then by a reference key that
 * its sender may know. A case that was merged is followed to the one that survived.
 */
export const correlate = async (
  services: CorrelateServices,
  scope: string,
  { conversation, becomes, referenceKeys = [], from, cc = [] }: InboundMessage,
): Promise<Correlation> => {
  const keys = [...new Set([...conversation, ...becomes])];
  const cases = await Promise.all(keys.map((key) => services.intake.caseOf(scope, key)));
  const leads = new Map(keys.map((key, n) => [key, cases[n]]));
  for (const key of conversation) {
    const file = await surviving(services, leads.get(key));
    if (file) return { correlated: { file, because: `the conversation ${key}` }, leads };
  }
  for (const key of referenceKeys) {
    const file = await surviving(services, await services.intake.caseOf(REFERENCE_SCOPE, key));
    if (file && (await takesPart(services, file, from, cc))) {
      return { correlated: { file, because: `the reference key ${key}` }, leads };
    }
  }
  return { leads };
};

const surviving = async ({ cases }: CorrelateServices, caseId: string | undefined): Promise<CaseFile | undefined> => {
  const file = caseId ? await cases.load(caseId) : undefined;
  return file && survivorOf(file, cases.load);
};

/**
 * Whether somebody who shows a case's reference key may: the key is in every message that we send, and messages are
 * forwarded. The sender, or somebody whom they have copied in, takes part in the case or belongs to its account.
 */
const takesPart = async (
  { customers }: CorrelateServices,
  file: CaseFile,
  from: Sender,
  cc: readonly string[],
): Promise<boolean> => {
  const addresses = [from.id, from.email, from.phone, ...cc].flatMap((address) => address ?? []).map(addressTerm);
  const known = participantsOf(file).map(addressTerm);
  if (addresses.some((address) => known.includes(address))) return true;
  const { customerId, contactId, accountId } = file.case;
  const found = await Promise.all(addresses.map((address) => customers.withAddress(address)));
  return found
    .flat()
    .some((one) => [customerId, contactId, accountId].includes(one.customerId) || one.parentId === accountId);
};
