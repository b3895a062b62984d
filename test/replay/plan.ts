import type { z } from 'zod';
import type { AddActivity } from '../../domain/activities/add-activity.ts';
import type { CreateCase } from '../../domain/cases/create-case.ts';
import type { PatchCase } from '../../domain/cases/patch-case.ts';
import type { Instant } from '../../domain/time.ts';
import { ADVICE, customerOf, originOf, priorities, queueOf, severities, subjectOf, userOf } from './names.ts';
import type { Row } from './rows.ts';

/** One moment of an incident: it is opened, or its log has a row. Several may share an instant. */
export interface Step {
  at: Instant;
  kind: 'opening' | 'update';
  row: Row;
  /** The opening's own row: what it says beyond the opening is new, but it is no work done on the case. */
  isFirst: boolean;
}

/** What a row asks of the service. `part` makes the Idempotency-Key, so it is unique in its step. */
export type Command =
  | { part: 'open'; by: 'agent' | 'integration'; body: z.input<typeof CreateCase> }
  | { part: 'reactivate' }
  | { part: 'detach' }
  | { part: 'attach'; problem: string }
  | { part: 'edit'; body: PatchCase }
  | { part: 'route'; queueId: string }
  | { part: 'assign'; ownerId: string }
  | { part: 'ask' | 'note'; body: z.input<typeof AddActivity> }
  | { part: 'reason'; statusReason: string }
  | { part: 'resolve'; body: { resolutionType: string; resolution: string } };

/** A case as far as the service has acknowledged it. */
export interface Known {
  caseId?: string;
  status: 'active' | 'resolved';
  statusReason: string;
  priority: string;
  severity: string;
  subjectId?: string;
  queueId?: string;
  ownerId?: string;
  problem?: string;
}

/** What the log says and the API has no word for. */
export type LeftOut = 'owner taken away' | 'group taken away';

/** All steps of a log in order of time; rows of one instant in the order of the changes that they count. */
export const stepsOf = (rows: readonly Row[]): Step[] => {
  const inOrder = rows.filter(({ state }) => state !== 'Closed').sort(byTime);
  const opened = new Set<string>();
  const steps = inOrder.flatMap((row): Step[] => {
    const update: Step = { at: row.at, kind: 'update', row, isFirst: !opened.has(row.number) };
    if (!update.isFirst) return [update];
    opened.add(row.number);
    // A few incidents were opened, says the log, after their first update.
    return [{ ...update, kind: 'opening', at: row.openedAt < row.at ? row.openedAt : row.at }, update];
  });
  return steps.sort((a, b) => (a.at === b.at ? 0 : a.at < b.at ? -1 : 1));
};

const byTime = (a: Row, b: Row): number =>
  a.at === b.at ? a.change - b.change || a.line - b.line : a.at < b.at ? -1 : 1;

/** The commands of an opening: the case as its first row has it; where it goes and whose it is follows with that row. */
export const planOpening = (row: Row): Command[] => {
  const origin = originOf(row);
  return [
    {
      part: 'open',
      // A call is logged by the agent who takes it; everything else comes in by a machine.
      by: origin === 'phone' || origin === 'chat' ? 'agent' : 'integration',
      body: {
        title: `${row.symptom ?? 'No symptom'}, ${row.category ?? 'no category'}, ${row.subcategory ?? 'no subcategory'}`,
        customerId: customerOf(row),
        origin,
        priority: priorities[row.priority],
        severity: severities[row.impact],
        externalId: row.number,
        ...(row.category && { subjectId: subjectOf(row) }),
        ...(row.location && { description: `Reported at ${row.location}.` }),
      },
    },
  ];
};

/** The commands that bring a case from what is known of it to what a row says. */
export const planUpdate = (known: Known, row: Row, { isFirst }: Pick<Step, 'isFirst'>): Command[] => {
  const commands = [
    ...reopening(known, row),
    ...belonging(known, row),
    ...editing(known, row),
    ...placing(known, row),
    ...stateChange(known, row),
  ];
  return commands.length > 0 || isFirst ? commands : [workNote(row)];
};

const isResolved = ({ state }: Row): boolean => state === 'Resolved';

const reopening = (known: Known, row: Row): Command[] =>
  known.status === 'resolved' && !isResolved(row) ? [{ part: 'reactivate' }] : [];

/** A closed case keeps its parent. */
const belonging = (known: Known, row: Row): Command[] =>
  known.problem === row.problem || (known.status === 'resolved' && isResolved(row))
    ? []
    : [
        ...(known.problem ? [{ part: 'detach' } satisfies Command] : []),
        ...(row.problem ? [{ part: 'attach', problem: row.problem } satisfies Command] : []),
      ];

const editing = (known: Known, row: Row): Command[] => {
  const priority = priorities[row.priority];
  const severity = severities[row.impact];
  const subjectId = subjectOf(row);
  const body: PatchCase = {
    ...(priority !== known.priority && { priority }),
    ...(severity !== known.severity && { severity }),
    ...(subjectId && subjectId !== known.subjectId && { subjectId }),
  };
  return Object.keys(body).length > 0 ? [{ part: 'edit', body }] : [];
};

const placing = (known: Known, row: Row): Command[] => {
  const queueId = row.group && queueOf(row.group);
  const ownerId = ownerOf(known, row);
  return [
    ...(queueId && queueId !== known.queueId ? [{ part: 'route', queueId } satisfies Command] : []),
    ...(ownerId && ownerId !== known.ownerId ? [{ part: 'assign', ownerId } satisfies Command] : []),
  ];
};

/** Nobody's case is resolved by somebody: by then it was theirs. */
const ownerOf = (known: Known, row: Row): string | undefined => {
  if (row.assignee) return userOf(row.assignee);
  const becomesResolved = isResolved(row) && known.status === 'active' && !known.ownerId;
  return becomesResolved && row.resolver ? userOf(row.resolver) : undefined;
};

const stateChange = (known: Known, row: Row): Command[] => {
  if (isResolved(row)) return known.status === 'active' ? [resolution(row)] : [];
  const before = known.status === 'resolved' ? 'inProgress' : known.statusReason;
  const statusReason = reasonOf(row);
  if (statusReason === before) return [];
  return [
    ...(statusReason === 'waitingForDetails' ? [question(row)] : []),
    { part: 'reason', statusReason } satisfies Command,
  ];
};

const reasonOf = ({ state }: Row): string => {
  if (state === 'Awaiting User Info') return 'waitingForDetails';
  return state.startsWith('Awaiting') ? 'onHold' : 'inProgress';
};

const resolution = (row: Row): Command => ({
  part: 'resolve',
  body: {
    resolutionType: ADVICE.includes(row.closedCode ?? '') ? 'informationProvided' : 'problemSolved',
    resolution: `Closed with ${row.closedCode ?? 'no code'}; ${row.resolver ?? 'resolver unknown'}.`,
  },
});

/** Names the row, so that one that is recorded twice shows. */
const mark = (row: Row): string => `(row ${row.line}: change ${row.change} of ${row.number})`;

/** Waiting for the user's information begins with asking for it. */
const question = (row: Row): Command => ({
  part: 'ask',
  body: { type: 'email', direction: 'outbound', body: `Please tell us more. ${mark(row)}` },
});

/** A row that changes nothing the product knows of is work on the incident all the same. */
const workNote = (row: Row): Command => ({
  part: 'note',
  body: { type: 'note', body: `${row.updatedBy ?? 'Somebody'} worked on it. ${mark(row)}` },
});

/** What a row says, other than the one before it, that no command can. */
export const leftOut = (before: Row | undefined, row: Row): LeftOut[] => [
  ...(before?.assignee && !row.assignee ? (['owner taken away'] as const) : []),
  ...(before?.group && !row.group ? (['group taken away'] as const) : []),
];

/** What is known of a case once a command has been acknowledged. */
export const acknowledged = (known: Known, command: Command): Known => {
  switch (command.part) {
    case 'open': {
      const { priority = 'normal', severity = 'medium', subjectId } = command.body;
      return { ...known, priority, severity, ...(subjectId && { subjectId }) };
    }
    case 'reactivate':
      return { ...known, status: 'active', statusReason: 'inProgress' };
    case 'detach':
      return { ...known, problem: undefined };
    case 'attach':
      return { ...known, problem: command.problem };
    case 'edit': {
      const { priority = known.priority, severity, subjectId } = command.body;
      return { ...known, priority, severity: severity ?? known.severity, subjectId: subjectId ?? known.subjectId };
    }
    case 'route':
      return { ...known, queueId: command.queueId };
    case 'assign':
      return { ...known, ownerId: command.ownerId };
    case 'reason':
      return { ...known, statusReason: command.statusReason };
    case 'resolve':
      return { ...known, status: 'resolved', statusReason: command.body.resolutionType };
    case 'ask':
    case 'note':
      return known;
  }
};

/** A case of which nothing has been acknowledged yet, as it is when it has been opened. */
export const unopened: Known = { status: 'active', statusReason: 'inProgress', priority: 'normal', severity: 'medium' };
