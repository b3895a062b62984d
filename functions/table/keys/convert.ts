import type { TemplateRuns } from '../../../domain/templates/case-template.ts';
import type { IndexKeys, Key } from './parts.ts';
import { sweepKeys } from './sweeping.ts';

export const leadKey = (leadId: string): Key => ({ PK: `LEAD#${leadId}`, SK: 'LEAD' });

export const opportunityKey = (opportunityId: string): Key => ({
  PK: `OPPORTUNITY#${opportunityId}`,
  SK: 'OPPORTUNITY',
});

const templatePk = (templateId: string): string => `TEMPLATE#${templateId}`;

/** The case template that an item belongs to. */
export const templateIdOf = (partition: string): string => partition.slice(templatePk('').length);

export const templateRunsKey = (templateId: string): Key => ({ PK: templatePk(templateId), SK: 'RUNS' });

export const templateRunsIndexes = ({ templateId, nextAt }: TemplateRuns): IndexKeys =>
  nextAt ? sweepKeys('template', templateId, nextAt) : {};
