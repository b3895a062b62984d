import { S3Client } from '@aws-sdk/client-s3';
import { addActivity, editActivity } from '../activities/change-activities.ts';
import { moveActivity } from '../activities/move-activity.ts';
import { redactActivity } from '../activities/redact-activity.ts';
import { api, on } from '../api/api.ts';
import { caseKnowledgeRoutes } from '../articles/articles.routes.ts';
import { deleteLink, listLinks, putLink } from '../articles/link-articles.ts';
import { listBroadcasts, startBroadcast } from '../broadcast/broadcasts.ts';
import { resumeCascade } from '../cascade/resume-cascade.ts';
import { convertRoutes } from '../convert/convert.routes.ts';
import { convertCase, getLead, getOpportunity } from '../convert/convert-case.ts';
import { functionEnv, readEnv } from '../env.ts';
import { attachmentRoutes } from '../files/attachments.routes.ts';
import { createAttachment, getAttachment } from '../files/attachments.ts';
import { fileStore, S3_OPTIONS } from '../files/file-store.ts';
import { associateCases } from '../hierarchy/associate-cases.ts';
import { attachChild, detachChild } from '../hierarchy/change-parent.ts';
import { hierarchyRoutes } from '../hierarchy/hierarchy.routes.ts';
import { linkCases, unlinkCases } from '../links/change-links.ts';
import { linkRoutes } from '../links/links.routes.ts';
import { listLinkedCases } from '../links/list-linked-cases.ts';
import { logger } from '../logger.ts';
import { mergeRoutes } from '../merge/merge.routes.ts';
import { mergeCases } from '../merge/merge-cases.ts';
import { unmergeCase } from '../merge/unmerge-case.ts';
import { signIn } from '../people/sign-in.ts';
import { moveStage } from '../process/move-stage.ts';
import { caseStageRoutes } from '../process/process.routes.ts';
import { readStages } from '../process/read-stages.ts';
import { replyRoutes } from '../replies/replies.routes.ts';
import { replyToCase } from '../replies/reply-to-case.ts';
import { routeCase } from '../routing/route-case.ts';
import { services } from '../services.ts';
import { similarCases } from '../similar/similar-cases.ts';
import { acknowledgeBreach } from '../sla/acknowledge-breach.ts';
import { caseRoutes as routes } from './cases.routes.ts';
import { assignCase, patchCase, reactivateCase } from './change-case.ts';
import { cancelCase, resolveCase } from './close-cases.ts';
import { createCase } from './create-case.ts';
import { listCases } from './list-cases.ts';
import { getAudit, getCase, getChildren, getResolutions, getSla, getTimeline } from './read-case.ts';

const env = readEnv(functionEnv.casesApi);
const deps = { ...services(env.TABLE_NAME), files: fileStore(new S3Client(S3_OPTIONS), env.ATTACHMENT_BUCKET) };

export const handler = api(
  logger,
  on(routes.create, (request) => createCase(deps, request)),
  on(routes.list, (request) => listCases(deps, request)),
  on(routes.get, (request) => getCase(deps, request)),
  on(routes.patch, (request) => patchCase(deps, request)),
  on(routes.resolve, (request) => resolveCase(deps, request)),
  on(routes.cancel, (request) => cancelCase(deps, request)),
  on(routes.reactivate, (request) => reactivateCase(deps, request)),
  on(routes.assign, (request) => assignCase(deps, request)),
  on(routes.route, (request) => routeCase(deps, request)),
  on(routes.resolutions, (request) => getResolutions(deps, request)),
  on(routes.attach, (request) => attachChild(deps, request)),
  on(routes.detach, (request) => detachChild(deps, request)),
  on(linkRoutes.list, (request) => listLinkedCases(deps, request)),
  on(linkRoutes.put, (request) => linkCases(deps, request)),
  on(linkRoutes.delete, (request) => unlinkCases(deps, request)),
  on(hierarchyRoutes.associate, (request) => associateCases(deps, request)),
  on(hierarchyRoutes.resumeCascade, (request) => resumeCascade(deps, request)),
  on(hierarchyRoutes.broadcast, (request) => startBroadcast(deps, request)),
  on(hierarchyRoutes.broadcasts, (request) => listBroadcasts(deps, request)),
  on(routes.children, (request) => getChildren(deps, request)),
  on(mergeRoutes.merge, (request) => mergeCases(deps, request)),
  on(mergeRoutes.unmerge, (request) => unmergeCase(deps, request)),
  on(routes.addActivity, (request) => addActivity(deps, request)),
  on(routes.editActivity, (request) => editActivity(deps, request)),
  on(caseStageRoutes.read, (request) => readStages(deps, request)),
  on(caseStageRoutes.move, (request) => moveStage(deps, request)),
  on(attachmentRoutes.create, (request) => createAttachment(deps, request)),
  on(attachmentRoutes.get, (request) => getAttachment(deps, request)),
  on(replyRoutes.reply, (request) => replyToCase(deps, request)),
  on(routes.redactActivity, (request) => redactActivity(deps, request)),
  on(routes.moveActivity, (request) => moveActivity(deps, request)),
  on(routes.timeline, (request) => getTimeline(deps, request)),
  on(routes.audit, (request) => getAudit(deps, request)),
  on(routes.sla, (request) => getSla(deps, request)),
  on(routes.acknowledge, (request) => acknowledgeBreach(deps, request)),
  on(caseKnowledgeRoutes.list, (request) => listLinks(deps, request)),
  on(caseKnowledgeRoutes.put, (request) => putLink(deps, request)),
  on(caseKnowledgeRoutes.delete, (request) => deleteLink(deps, request)),
  on(caseKnowledgeRoutes.similar, (request) => similarCases(deps, request)),
  on(convertRoutes.convert, (request) => convertCase(deps, request)),
  on(convertRoutes.getLead, (request) => getLead(deps, request)),
  on(convertRoutes.getOpportunity, (request) => getOpportunity(deps, request)),
).use(signIn(deps));
