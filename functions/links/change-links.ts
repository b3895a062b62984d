import type { CaseFile } from '../../domain/cases/case-file.ts';
import type { LinkKind } from '../../domain/links/link.ts';
import { linkCases as decideLink, unlinkCases as decideUnlink, type LinkCases } from '../../domain/links/link-cases.ts';
import { type Refusal, refuse } from '../../domain/refusal.ts';
import type { SettingsHead } from '../../domain/settings/kinds.ts';
import type { Outcome, Request } from '../api/api.ts';
import { loadVisible } from '../cases/access.ts';
import { type CommandServices, commandOnCase } from '../cases/command.ts';

type Pair = { caseId: string; otherId: string };

/** Links a case to another; answers the link as the case sees it. */
export const linkCases = (services: CommandServices, request: Request<Pair, unknown, LinkCases>): Promise<Outcome> => {
  const { params, body, caller } = request;
  return commandOnCase(
    services,
    request,
    async ({ file, now, head }) => {
      const other = await loadOther(services, request, head);
      if ('code' in other) return other;
      const existing = (await linksBetween(services, params)).find(({ kind }) => kind === body.kind);
      return decideLink(file, other, body, { existing, caller, now });
    },
    { of: () => ({ otherId: params.otherId, kind: body.kind }) },
  );
};

/** Takes links between two cases away: those of one kind, or all. */
export const unlinkCases = (
  services: CommandServices,
  request: Request<Pair, { kind?: LinkKind }, { kind?: LinkKind }>,
): Promise<Outcome> => {
  const { params, query, body } = request;
  const wanted = body.kind ?? query.kind;
  return commandOnCase(
    services,
    request,
    async ({ file, now, head }) => {
      const other = await loadOther(services, request, head);
      if ('code' in other) return other;
      const links = (await linksBetween(services, params)).filter(({ kind }) => !wanted || kind === wanted);
      return decideUnlink(file, other, links, now);
    },
    { of: ({ links = [] }) => ({ otherId: params.otherId, deleted: links.map(({ before }) => before?.kind) }) },
  );
};

const loadOther = async (
  services: CommandServices,
  { params: { otherId }, caller }: Request<Pair, unknown, unknown>,
  head: SettingsHead,
): Promise<CaseFile | Refusal> =>
  (await loadVisible(services, otherId, caller, head)) ?? refuse('NOT_FOUND', `There is no case ${otherId}`);

/** There is at most one of each kind. */
const linksBetween = async ({ cases }: CommandServices, { caseId, otherId }: Pair) =>
  (await cases.links(caseId, { otherId, limit: 10 })).items;
