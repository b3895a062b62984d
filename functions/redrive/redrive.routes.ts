import { z } from 'zod';
import { Instant } from '../../domain/time.ts';
import { declareRoute, pageOf, pageQuery } from '../api/route.ts';

/** Where failures lie: records that the stream's consumers gave up, and reactions that set themselves aside. */
const Place = z.enum(['givenUp', 'parked']);

/** Something that should have followed from a fact and did not. What the fact says is not told. */
export const Failure = z
  .object({
    failureId: z.string(),
    what: Place,
    of: z.string().describe('The consumer that gave the records up, or the reaction that is parked'),
    reason: z.string(),
    since: Instant,
    attempts: z.int(),
    records: z.int(),
    caseId: z.uuid().optional(),
  })
  .meta({ id: 'Failure' });
export type Failure = z.infer<typeof Failure>;

/** What became of one failure that was set going again. */
export const Redriven = z.object({
  failureId: z.string(),
  outcome: z
    .enum(['done', 'failedAgain', 'underWay'])
    .describe('failedAgain: it stays where it was. underWay: it takes longer than a request; look again in a minute'),
  reason: z.string().optional(),
});
export type Redriven = z.infer<typeof Redriven>;

const tag = 'Failures';

export const redriveRoutes = {
  list: declareRoute({
    method: 'GET',
    path: '/v1/failures',
    tag,
    summary: 'What should have followed from facts and did not, the oldest first',
    roles: ['admin'],
    query: z.strictObject({ what: Place.default('givenUp'), ...pageQuery }),
    answer: pageOf(Failure),
  }),
  redrive: declareRoute({
    method: 'POST',
    path: '/v1/failures/{failureId}/redrive',
    tag,
    summary: 'Set a failure going again, and forget it when it succeeds',
    description: 'Does nothing twice: whatever of it was done before stays as it is. 404 when it was done meanwhile.',
    roles: ['admin'],
    params: z.object({ failureId: z.string().max(2_000) }),
    answer: Redriven,
  }),
};
