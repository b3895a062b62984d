import { z } from 'zod';
import { Process, StageVisit } from '../../domain/process/process.ts';
import { Stage, Step } from '../../domain/process/process-flow.ts';
import { missingIn } from '../../domain/process/stages.ts';
import type { Outcome } from '../api/api.ts';
import { type ReadRequest, type ReadServices, reading } from '../cases/read-case.ts';

/** How a case stands in its flow; a case that has none has no stages. */
export const CaseStages = z
  .object({
    ...Process.pick({ flowId: true, flowVersion: true }).partial().shape,
    name: z.string().optional(),
    stage: z.string().optional(),
    stages: z.array(
      z.object({
        ...Stage.shape,
        missing: z.array(Step).describe('Steps that are not done'),
        visits: z.array(StageVisit),
      }),
    ),
  })
  .meta({ id: 'CaseStages' });

/** The stages of a case, each with its visits and what it still needs. */
export const readStages = (services: ReadServices, request: ReadRequest): Promise<Outcome> =>
  reading(services, request, ({ case: subject }, { flow }): z.infer<typeof CaseStages> => {
    const { process, stage } = subject;
    if (!process || !flow) return { stages: [] };
    const { flowId, flowVersion, checks, visits } = process;
    return {
      flowId,
      flowVersion,
      name: flow.document.name,
      stage,
      stages: flow.document.stages.map((one) => ({
        ...one,
        missing: missingIn(one, subject, checks).map(({ stage: _own, ...step }) => step),
        visits: visits.filter((visit) => visit.stage === one.id),
      })),
    };
  });
