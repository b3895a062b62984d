import { articleGaps } from './article-gaps.ts';
import { articleUsage } from './article-usage.ts';
import { breachCauses } from './breach-causes.ts';
import { closedByReason } from './closed-by-reason.ts';
import { firstResponse } from './first-response.ts';
import { received } from './received.ts';
import { reopenRate } from './reopen-rate.ts';
import type { Report } from './report.ts';
import { slaCompliance } from './sla-compliance.ts';
import { timePerStage } from './time-per-stage.ts';
import { productVolume, subjectVolume } from './volume.ts';

/** Every report that is made from counts. */
export const reports = {
  closedByReason,
  subjectVolume,
  productVolume,
  slaCompliance,
  reopenRate,
  received,
  firstResponse,
  breachCauses,
  articleUsage,
  articleGaps,
  timePerStage,
} satisfies Record<string, Report>;
