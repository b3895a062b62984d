import { z } from 'zod';
import { underSubject } from '../../domain/articles/find-articles.ts';
import { openedBy } from '../../domain/channels/channel.ts';
import type { Condition } from '../../domain/conditions/condition.ts';
import { mentions } from '../../domain/conditions/mentions.ts';
import {
  ADVISED_SUBJECT_DEPTH,
  depthOf,
  MAX_SUBJECT_DEPTH,
  placeSubject,
  Subject,
} from '../../domain/settings/subject.ts';
import type { Action } from '../../domain/sla/action.ts';
import { actionsOf, conditionsOf } from '../../domain/sla/sla.ts';
import type { Outcome, Request } from '../api/api.ts';
import type { Services } from '../services.ts';
import { subjectCases } from '../table/keys.ts';
import { deleteSetting, putSetting, type SettingServices, settingView } from './documents.ts';

type SubjectServices = SettingServices & Pick<Services, 'articles'>;
type IdRequest<Body = unknown> = Request<{ id: string }, unknown, Body>;

/** A subject as it was put, with what is allowed but not advised. */
export const PutSubject = settingView(Subject).extend({ warnings: z.array(z.string()).optional() });

/** Creates or replaces a subject. The tree holds still meanwhile: two moves at once make no circle. */
export const putSubject = async (services: SubjectServices, request: IdRequest<Subject>): Promise<Outcome> => {
  const { subjects } = services.settings;
  const warnings: string[] = [];
  const outcome = await putSetting(services, subjects, request, async (id, subject, transaction) => {
    const head = await services.settings.head();
    const tree = new Map((await subjects.all(head)).map((node) => [node.id, node.document])).set(id, subject);
    const decision = placeSubject(id, subject, tree);
    if (!decision.accepted) return decision;
    services.settings.unchanged(transaction, head, [subjects]);
    const depth = depthOf(id, tree);
    warnings.splice(0, 1, ...(depth > ADVISED_SUBJECT_DEPTH ? [tooDeep(id, depth)] : []));
    return decision;
  });
  return outcome.accepted && warnings.length > 0
    ? { ...outcome, body: Object.assign({}, outcome.body, { warnings }) }
    : outcome;
};

const tooDeep = (id: string, depth: number): string =>
  `${id} stands on level ${depth}: people choose wrongly below level ${ADVISED_SUBJECT_DEPTH}; the limit is ${MAX_SUBJECT_DEPTH}`;

/** Removes a subject that nothing has or names; what is in use is disabled instead. */
export const deleteSubject = (services: SubjectServices, request: IdRequest): Promise<Outcome> =>
  deleteSetting(services, services.settings.subjects, request, async (id, transaction) => {
    const { subjects } = services.settings;
    const head = await services.settings.head();
    services.settings.unchanged(transaction, head, [subjects]);
    const child = (await subjects.all(head)).find(({ document }) => document.parentId === id);
    if (child) return `${child.id} stands below ${id}`;
    const naming = await settingsThatName(services, id);
    if (naming.length > 0) return `The subject is named by ${naming.join(', ')}`;
    const [cases, articles] = await Promise.all([
      services.table.page({ index: 6, partition: subjectCases(id), limit: 1 }),
      services.articles.listedUnder(underSubject(id), { limit: 1 }),
    ]);
    if (cases.items.length > 0) return 'There are cases with this subject: disable it instead';
    return articles.items.length > 0 ? 'There are articles about this subject: disable it instead' : undefined;
  });

/**
 * Rule sets, SLAs and webhook subscriptions whose conditions look for a subject, and templates and channels whose cases
 * get it.
 */
const settingsThatName = async ({ settings }: SubjectServices, subjectId: string): Promise<string[]> => {
  const [ruleSets, slas, templates, channels, subscriptions] = await Promise.all([
    settings.ruleSets.all(),
    settings.slas.all(),
    settings.caseTemplates.all(),
    settings.channels.all(),
    settings.webhookSubscriptions.all(),
  ]);
  const isSet = (action: Action) =>
    action.type === 'setField' && action.field === 'subjectId' && action.value === subjectId;
  const isNamed = (condition: Condition | undefined) => condition && mentions(condition, 'subjectId', subjectId);
  return [
    ...ruleSets.filter(({ document: { rules } }) => rules.some(({ when }) => isNamed(when))),
    ...slas.filter(({ document }) => conditionsOf(document).some(isNamed) || actionsOf(document).some(isSet)),
    ...subscriptions.filter(({ document: { filter } }) => isNamed(filter)),
    ...templates.filter(({ document }) => document.case.subjectId === subjectId),
    ...channels.filter(({ document }) => openedBy(document).some((fields) => fields.subjectId === subjectId)),
  ].map(({ id }) => id);
};
