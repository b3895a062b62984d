import { describe, expect, it } from 'vitest';
import type { Caller, CaseFile } from '../../../domain/cases/case-file.ts';
import { maySee, mayWorkIn } from '../../../domain/queues/access.ts';
import { pickCase } from '../../../domain/queues/pick-case.ts';
import { Queue } from '../../../domain/queues/queue.ts';
import { releaseCase } from '../../../domain/queues/release-case.ts';
import { activeCase, anna, changeOf, fileOf, machine, NOW, queued, sue, told } from '../../support/case-builders.ts';

const desk = Queue.parse({ name: 'Desk', visibility: 'public', ownerId: 'dora' });
const hr = Queue.parse({ name: 'HR', visibility: 'private', ownerId: 'hera', members: ['anna', 'user:ben'] });
const agent = (userId: string): Caller => ({ userId, roles: ['agent'] });
const standing = (changed: Parameters<typeof queued>[0] = {}, fields: { ownerId?: string } = {}): CaseFile =>
  fileOf(activeCase(fields), { placement: queued({ queueId: 'desk', ...changed }) });

describe('picking', () => {
  const picking = (file: CaseFile, queue = desk, caller = anna, queueId = 'desk') =>
    pickCase(file, { queueId, queue }, caller, NOW);

  it.each([
    ['a case of the queue', standing(), 'case.picked'],
    ['a case that one works on already', standing({ workedBy: 'anna' }), ''],
    ['a case that somebody else works on', standing({ workedBy: 'ben' }), 'ALREADY_PICKED'],
    ['a case of another queue', standing({ queueId: 'other' }), 'NOT_IN_QUEUE'],
    ['a case that waits for routing', standing({ state: 'awaitingRouting', queueId: undefined }), 'NOT_IN_QUEUE'],
    ['a closed case', standing({ state: 'left' }), 'NOT_IN_QUEUE'],
    ['a case in no queue', fileOf(), 'NOT_IN_QUEUE'],
  ])('%s', (_, file, outcome) => {
    expect(told(picking(file))).toBe(outcome);
  });

  it('makes the case the picker’s', () => {
    const { after, facts } = changeOf(picking(standing({}, { ownerId: 'dora' })));
    expect(after.case).toMatchObject({ ownerId: 'anna', version: 2 });
    expect(after.placement).toMatchObject({ workedBy: 'anna', revision: 2, state: 'queued' });
    expect(facts).toMatchObject([
      {
        queueId: 'desk',
        changes: [
          { field: 'workedBy', new: 'anna' },
          { field: 'ownerId', old: 'dora', new: 'anna' },
        ],
      },
    ]);
  });

  it('tells who was faster', () => {
    expect(picking(standing({ workedBy: 'ben' }))).toMatchObject({ details: { workedBy: 'ben' } });
  });

  it('from a private queue is for those who belong to it', () => {
    expect(told(picking(standing(), hr, agent('cleo')))).toBe('NOT_A_MEMBER');
    for (const caller of [anna, agent('ben'), agent('hera'), sue]) {
      expect(told(picking(standing(), hr, caller))).toBe('case.picked');
    }
  });
});

describe('releasing', () => {
  const releasing = (file: CaseFile, queue = desk, caller = anna) =>
    releaseCase(file, { queueId: 'desk', queue }, caller, NOW);

  it.each([
    ['what one works on', standing({ workedBy: 'anna' }), anna, 'case.released'],
    ['what somebody else works on', standing({ workedBy: 'ben' }), anna, 'FORBIDDEN'],
    ['what somebody else works on, as a supervisor', standing({ workedBy: 'ben' }), sue, 'case.released'],
    ['what nobody works on', standing(), anna, ''],
    ['a case of another queue', standing({ queueId: 'other' }), anna, 'NOT_IN_QUEUE'],
    ['a case in no queue', fileOf(), anna, 'NOT_IN_QUEUE'],
  ])('%s', (_, file, caller, outcome) => {
    expect(told(releasing(file, desk, caller))).toBe(outcome);
  });

  it('gives the case to the queue’s owner, or to nobody, never back to who opened it', () => {
    const file = standing({ workedBy: 'anna' }, { ownerId: 'anna' });
    const { after, facts } = changeOf(releasing(file));
    expect(after.case).toMatchObject({ ownerId: 'dora', version: 2 });
    expect(after.placement).toEqual(queued({ queueId: 'desk', revision: 2 }));
    expect(facts[0]?.changes).toEqual([
      { field: 'workedBy', old: 'anna' },
      { field: 'ownerId', old: 'anna', new: 'dora' },
    ]);
    const nobodys = Queue.parse({ name: 'Desk', visibility: 'public' });
    expect(changeOf(releasing(file, nobodys)).after.case).not.toHaveProperty('ownerId');
  });
});

describe('a queue', () => {
  it.each([
    ['a member', anna, true],
    ['a member who is written as a user', agent('ben'), true],
    ['its owner', agent('hera'), true],
    ['a supervisor', sue, true],
    ['an administrator', { userId: 'root', roles: ['admin'] }, true],
    ['anybody else', agent('cleo'), false],
    ['a machine', machine, false],
  ] as [string, Caller, boolean][])('that is private is worked in by %s: %s', (_, caller, may) => {
    expect(mayWorkIn(hr, caller)).toBe(may);
    expect(mayWorkIn(desk, caller)).toBe(true);
    expect(maySee(standing(), hr, caller)).toBe(may);
    expect(maySee(standing(), desk, caller)).toBe(true);
    expect(maySee(standing(), undefined, caller)).toBe(true);
  });

  it('that is private shows a case to the case’s own owner, who need not be a member', () => {
    for (const ownerId of ['cleo', 'user:cleo'])
      expect(maySee(standing({}, { ownerId }), hr, agent('cleo'))).toBe(true);
    expect(maySee(standing({}, { ownerId: 'team:cleo' }), hr, agent('cleo'))).toBe(false);
    expect(mayWorkIn(hr, agent('cleo'))).toBe(false);
  });
});
