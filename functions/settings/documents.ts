import { z } from 'zod';
import type { Versioned } from '../../domain/cases/case-file.ts';
import { accept, type Decision, type Refusal, refuse } from '../../domain/refusal.ts';
import type { Outcome, Request } from '../api/api.ts';
import { decodeCursor, encodeCursor } from '../api/cursor.ts';
import { idempotently } from '../idempotently.ts';
import type { Services } from '../services.ts';
import type { Settings } from '../table/settings-store.ts';
import { Transaction } from '../table/transaction.ts';

export type SettingServices = Pick<Services, 'table' | 'settings' | 'now' | 'backOff'>;
type IdRequest<Body = unknown> = Request<{ id: string }, unknown, Body>;

/** A setting as the API shows it: its document with its id and version. */
export const settingView = <Schema extends z.ZodObject>(schema: Schema) =>
  z.object({ id: z.string(), version: z.int(), ...schema.shape });

/** A setting as it is answered. */
export const viewSetting = <Document extends object>({ id, version, document }: Versioned<Document>) => ({
  id,
  version,
  ...document,
});

/** A page of the settings of one kind, by id. */
export const listSettings = async <Document extends object>(
  settings: Settings<Document>,
  { query: { limit, cursor } }: Request<unknown, { limit: number; cursor?: string }, unknown>,
): Promise<Outcome> => {
  const list = `settings ${settings.kind.name}`;
  const position = decodeCursor(list, cursor, z.string());
  if (!position.accepted) return position;
  const { value: after } = position;
  const all = [...(await settings.all())].sort((a, b) => (a.id < b.id ? -1 : 1));
  const rest = all.filter(({ id }) => after === undefined || id > after);
  const page = rest.slice(0, limit);
  const last = page.at(-1);
  const more = rest.length > limit && last;
  return {
    accepted: true,
    body: { items: page.map(viewSetting), ...(more && { nextCursor: encodeCursor(list, last.id) }) },
  };
};

/** One setting in its present version. */
export const getSetting = async <Document extends object>(
  settings: Settings<Document>,
  { params: { id } }: IdRequest,
): Promise<Outcome> => {
  const setting = await settings.find(id);
  return setting ? { accepted: true, body: viewSetting(setting) } : notThere(settings, id);
};

/** The caller has read another version than there is. */
export const stale = (id: string, version: number): Refusal =>
  refuse('STALE_VERSION', `${id} is at version ${version}`);

const notThere = ({ kind }: Settings<never> | Settings<object>, id: string): Refusal =>
  refuse('NOT_FOUND', `There is nothing called ${id} among the ${kind.name}`);

/** What a document must satisfy besides its schema, and what else changes with it. */
export type Check<Document> = (id: string, document: Document, transaction: Transaction) => Promise<Decision<unknown>>;

/** Creates or replaces a setting by the document that was sent, if it satisfies `check`. */
export const putSetting = <Document extends object>(
  services: SettingServices,
  settings: Settings<Document>,
  request: IdRequest<Document>,
  check: Check<Document> = async () => accept(undefined),
): Promise<Outcome> =>
  putDocument(services, settings, request, async (id, transaction) => {
    const decision = await check(id, request.body, transaction);
    return decision.accepted ? accept(request.body) : decision;
  });

/** Makes the document that is to be stored, which would be `version`, and adds what else changes with it. */
export type Make<Document> = (id: string, transaction: Transaction, version: number) => Promise<Decision<Document>>;

/** Creates or replaces a setting; the new version holds from the answer on. The same document again is no new version. */
export const putDocument = <Document extends object>(
  services: SettingServices,
  settings: Settings<Document>,
  { params: { id }, caller, ifMatch, idempotent }: IdRequest,
  make: Make<Document>,
): Promise<Outcome> =>
  idempotently(services, idempotent, async () => {
    const latest = await settings.latest(id);
    if (ifMatch !== undefined && ifMatch !== latest.version) {
      return stale(id, latest.version);
    }
    const transaction = new Transaction();
    const decision = await make(id, transaction, latest.version + 1);
    if (!decision.accepted) return decision;
    const document = decision.value;
    const current = latest.isStored ? await settings.version(id, latest.version) : undefined;
    if (current && JSON.stringify(current.document) === JSON.stringify(document)) {
      if (transaction.size > 0) await services.table.transact(transaction);
      return { accepted: true, body: viewSetting(current) };
    }
    const version = settings.put(transaction, id, document, latest, { by: caller.userId, now: services.now() });
    await services.table.transact(transaction);
    return { accepted: true, body: viewSetting({ id, version, document }) };
  });

/** Removes a setting that nothing refers to. Clocks and histories that were born with it keep their versions. */
export const deleteSetting = <Document extends object>(
  services: SettingServices,
  settings: Settings<Document>,
  { params: { id }, ifMatch }: IdRequest,
  whyInUse: (id: string, transaction: Transaction) => Promise<string | undefined>,
): Promise<Outcome> =>
  idempotently(services, undefined, async () => {
    const { isStored, version } = await settings.latest(id);
    if (!isStored) return notThere(settings, id);
    if (ifMatch !== undefined && ifMatch !== version) return stale(id, version);
    const transaction = new Transaction();
    const use = await whyInUse(id, transaction);
    if (use) return refuse('IN_USE', use);
    settings.remove(transaction, id);
    await services.table.transact(transaction);
    return { accepted: true, body: { id, version, deleted: true } };
  });

/** What a deletion answers: the last version, which those who were born with it keep. */
export const Deleted = z.object({ id: z.string(), version: z.int(), deleted: z.literal(true) });
