import { describe, expect, it } from 'vitest';
import { withClocksLeft } from '../../domain/sla/followed-change.ts';
import { getAudit } from '../../functions/cases/read-case.ts';
import { deskOn } from '../support/desk.ts';
import { withLocalTable } from '../support/local-table.ts';

const local = withLocalTable();

describe('the audit', () => {
  it('says of a child that was closed against the graph that it was forced', async () => {
    const desk = deskOn(local.services);
    const file = await desk.open({ queueId: 'default' });
    const { caseId } = file.case;
    const { now } = local.clock;
    const closing = { occurredAt: now, statusReason: 'problemSolved', resolution: 'With its parent' };
    await local.services.cases.commit(
      [withClocksLeft({ before: file, after: file, facts: [{ type: 'case.resolved', ...closing, forced: true }] })],
      { now, actor: 'anna', cause: 'cascade:1', correlationId: 'test' },
    );
    const audit = await getAudit(local.services, {
      params: { caseId },
      query: { limit: 100 },
      body: undefined,
      caller: { userId: 'sue', roles: ['supervisor'] },
      correlationId: 'test',
    });
    expect(audit).toMatchObject({
      body: {
        items: [
          { action: 'case.created', actor: 'sue', cause: 'user' },
          { action: 'case.resolved', actor: 'anna', cause: 'cascade:1', forced: true },
        ],
      },
    });
  });
});
