import {
  creationOf,
  importCase as decide,
  type ImportCase,
  whyNotImported,
} from '../../domain/portability/import-case.ts';
import { invalid, type Refusal } from '../../domain/refusal.ts';
import { withClocksLeft } from '../../domain/sla/followed-change.ts';
import type { Outcome } from '../api/api.ts';
import { commit } from '../cases/command.ts';
import { type CreateServices, prepareCase } from '../cases/create-case.ts';
import type { Services } from '../services.ts';
import { caseIdOf, externalCases } from '../table/keys.ts';
import {
  type BatchRequest,
  type Fate,
  type Importing,
  importedBefore,
  type Mark,
  malformed,
  markImported,
  takeBatch,
} from './import-batch.ts';
import { CaseRowIn, type Row } from './import-row.ts';

/**
 * Imports cases. A case that is known by its external id is skipped, never changed: it has lived on since. A dry run
 * goes the same way and stops before it writes.
 */
export const importCases = (services: CreateServices, request: BatchRequest): Promise<Outcome> =>
  takeBatch(services, request, {
    leans: ({ parentExternalId, parentId }) => Boolean(parentExternalId ?? parentId),
    take: (row, importing) => takeCase(services, request, row, importing),
  });

const takeCase = async (
  services: CreateServices,
  { caller, correlationId }: BatchRequest,
  values: Row,
  importing: Importing,
): Promise<Fate | Refusal> => {
  const parsed = CaseRowIn.safeParse(values);
  if (!parsed.success) return malformed(parsed.error);
  const row = parsed.data;
  const mark: Mark = { kind: 'case', externalId: row.externalId };
  const before = (await importedBefore(services, mark, importing)) ?? (await knownElsewise(services, row));
  if (before) return before;

  const head = await services.settings.head();
  const now = services.now();
  const refusal = whyNotImported(row, await services.settings.statusModel(head), now);
  if (refusal) return refusal;
  const parentId = await parentOf(services, row);
  if (row.parentExternalId && !parentId) {
    return invalid('parentExternalId', `there is no case that others call ${row.parentExternalId}`);
  }
  const body = { ...creationOf(row), ...(parentId && { parentId }) };
  const prepared = await prepareCase(
    importing.isDryRun ? { ...services, nextCaseNumber: async () => 0 } : services,
    // Whoever imports a call has not answered it: it comes by a machine.
    {
      caller: { ...caller, roles: [...caller.roles, 'integration'] },
      body,
      now,
      head,
      isHistory: row.status !== 'active',
    },
  );
  if (!prepared.accepted) return prepared;
  const { change: created, rules, uses } = prepared.value;
  const decision = decide(row, created, { rules, by: caller.userId, now });
  if (!decision.accepted) return decision;
  if (importing.isDryRun) return { outcome: 'valid' };

  const change = decision.value;
  const { caseId } = change.after.case;
  const cause = `import:${importing.importId}`;
  await commit(
    services,
    withClocksLeft(change),
    { caller, correlationId, cause },
    now,
    { status: 201, body: undefined },
    [uses, (transaction) => markImported(transaction, mark, importing, caseId)],
  );
  return { outcome: 'created', id: caseId };
};

/** A case that other systems call so and that no import has brought. */
const knownElsewise = async (
  services: Pick<Services, 'table'>,
  { externalId }: ImportCase,
): Promise<Fate | undefined> => {
  const caseId = externalId && (await caseCalled(services, externalId));
  return caseId ? { outcome: 'skipped', id: caseId } : undefined;
};

const parentOf = async (
  services: Pick<Services, 'table'>,
  { parentId, parentExternalId }: ImportCase,
): Promise<string | undefined> => {
  if (parentId || !parentExternalId) return parentId;
  const anywhere = { importId: '', row: 0, isDryRun: false };
  const imported = await importedBefore(services, { kind: 'case', externalId: parentExternalId }, anywhere);
  return imported?.id ?? caseCalled(services, parentExternalId);
};

const caseCalled = async ({ table }: Pick<Services, 'table'>, externalId: string): Promise<string | undefined> => {
  const { items } = await table.page({ index: 4, partition: externalCases(externalId), limit: 1 });
  return items.map(({ PK }) => caseIdOf(String(PK)))[0];
};
