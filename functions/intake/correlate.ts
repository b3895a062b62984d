import type { CaseFile } from '../../domain/cases/case-file.ts';
import type { InboundMessage, Sender } from '../../domain/intake/message.ts';
import { participantsOf } from '../../domain/merge/merges.ts';
import { survivorOf } from '../../domain/merge/survivor-of.ts';
import { addressTerm } from '../../domain/search/customer-terms.ts';
import type { Services } from '../services.ts';

type CorrelateServices = Pick<Services, 'intake' | 'cases' | 'customers'>;

/** Reference keys are one for the whole service, whatever channel they come back by. */
export const REFERENCE_SCOPE = 'reference';

/** A case that a message names, and by what. */
interface Named {
  file: CaseFile;
  because: string;
}

/** The case that a message belongs to, what else it names, and where each of its keys has led so far. */
export interface Correlation {
  correlated?: Named;
  /** Another case that it names too. */
  besides?: Named;
  /** A case that it names, and that its sender has no part in. */
  related?: CaseFile;
  /** The message itself is known: we have sent it. */
  isEcho: boolean;
  leads: ReadonlyMap<string, string | undefined>;
}

/**
 * Finds the case that a message belongs to: by its conversation's keys, the surest first, then by a reference key that
 * its sender may know, then by a thread that others may know as well. A case that was merged is followed to the one that
 * survived. What somebody hands on keeps the keys of what they were sent: it belongs to its conversation's case only,
 * and only if they take part there.
 */
export const correlate = async (
  services: CorrelateServices,
  scope: string,
  { conversation, becomes, threads = [], referenceKeys = [], isForwarded = false, from, cc = [] }: InboundMessage,
): Promise<Correlation> => {
  const keys = [...new Set([...conversation, ...becomes, ...threads])];
  const cases = await Promise.all(keys.map((key) => services.intake.caseOf(scope, key)));
  const leads = new Map(keys.map((key, n) => [key, cases[n]]));
  const known = {
    leads,
    isEcho: becomes.some((key) => !conversation.includes(key) && leads.get(key) !== undefined),
  };
  const mayKnow = (file: CaseFile): Promise<boolean> => takesPart(services, file, from, cc);

  const inThread = await firstOf(services, conversation, (key) => leads.get(key), 'the conversation');
  const isSure = inThread && (!isForwarded || (await mayKnow(inThread.file)));
  const keyed: Named[] = [];
  for (const key of referenceKeys) {
    const named = await firstOf(
      services,
      [key],
      () => services.intake.caseOf(REFERENCE_SCOPE, key),
      'the reference key',
    );
    if (named) keyed.push(named);
  }
  if (isSure) {
    const besides = keyed.find(({ file }) => file.case.caseId !== inThread.file.case.caseId);
    return { ...known, correlated: inThread, ...(besides && { besides }) };
  }
  if (!isForwarded) {
    for (const named of keyed) if (await mayKnow(named.file)) return { ...known, correlated: named };
    const threaded = await firstOf(services, threads, (key) => leads.get(key), 'the thread');
    if (threaded && (await mayKnow(threaded.file))) return { ...known, correlated: threaded };
  }
  const related = inThread?.file ?? keyed[0]?.file;
  return { ...known, ...(related && { related }) };
};

/** The first of some keys that leads to a case. */
const firstOf = async (
  services: CorrelateServices,
  keys: readonly string[],
  caseOf: (key: string) => Promise<string | undefined> | string | undefined,
  what: string,
): Promise<Named | undefined> => {
  for (const key of keys) {
    const file = await surviving(services, await caseOf(key));
    if (file) return { file, because: `${what} ${key}` };
  }
  return undefined;
};

const surviving = async ({ cases }: CorrelateServices, caseId: string | undefined): Promise<CaseFile | undefined> => {
  const file = caseId ? await cases.load(caseId) : undefined;
  return file && survivorOf(file, cases.load);
};

/** Each is looked up; a mail may be copied to hundreds. */
const MOST_COPIED = 20;

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
  const own = [from.id, from.email, from.phone].flatMap((address) => address ?? []);
  const addresses = [...new Set([...own, ...cc.slice(0, MOST_COPIED)].map(addressTerm))];
  const known = participantsOf(file).map(addressTerm);
  if (addresses.some((address) => known.includes(address))) return true;
  const { customerId, contactId, accountId } = file.case;
  const found = await Promise.all(addresses.map((address) => customers.withAddress(address)));
  return found
    .flat()
    .some((one) => [customerId, contactId, accountId].includes(one.customerId) || one.parentId === accountId);
};
