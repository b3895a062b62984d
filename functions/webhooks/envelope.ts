import type { Case } from '../../domain/cases/case.ts';
import type { CaseFile } from '../../domain/cases/case-file.ts';
import type { CaseEvent } from '../../domain/facts/fact.ts';
import { detailOf } from '../relay/relay-events.ts';

/** What is posted to subscribers (`docs/webhooks.md`). */
export interface Envelope {
  id: string;
  type: string;
  timestamp: string;
  data: Record<string, unknown>;
}

/**
 * The fields of a case that subscribers are sent. Not among them: descriptions and resolutions, which may be long and
 * are read from the case by whoever needs them, and the reference key, by which mail finds its case.
 */
const SENT = [
  'caseId',
  'caseNumber',
  'externalId',
  'title',
  'status',
  'statusReason',
  'customerId',
  'contactId',
  'accountId',
  'origin',
  'priority',
  'severity',
  'caseType',
  'subjectId',
  'product',
  'labels',
  'ownerId',
  'parentId',
  'previousCaseId',
  'mergedInto',
  'entitlementId',
  'slaId',
  'reopenCount',
  'createdOn',
  'createdBy',
  'modifiedOn',
  'resolvedOn',
  'cancelledOn',
  'version',
] as const satisfies readonly (keyof Case | 'mergedInto' | 'resolvedOn' | 'cancelledOn')[];

/** The envelope of an event, with the case as it was when the event was taken up. */
export const envelopeOf = (event: CaseEvent, file: CaseFile): Envelope => {
  const { id, type, timestamp, data } = detailOf(event);
  const fields = new Map<string, unknown>(Object.entries(file.case));
  const sent = Object.fromEntries(SENT.flatMap((name) => (fields.has(name) ? [[name, fields.get(name)]] : [])));
  return { id, type, timestamp, data: { case: { ...sent, queueId: queueOf(file) }, ...data } };
};

/** Where the case stands; a closed one stands in no queue. */
export const queueOf = ({ placement }: CaseFile): string | undefined =>
  placement?.state === 'queued' ? placement.queueId : undefined;
