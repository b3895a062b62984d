import { z } from 'zod';
import {
  type AddActivity,
  type AddActivityContext,
  addActivity,
  isCustomersMessage,
} from '../../domain/activities/add-activity.ts';
import { CaseId } from '../../domain/cases/case.ts';
import type { CaseChange, CaseFile } from '../../domain/cases/case-file.ts';
import { CreateCase } from '../../domain/cases/create-case.ts';
import { inOneStep } from '../../domain/cases/in-one-step.ts';
import { accept, type Decision } from '../../domain/refusal.ts';
import { withClocksFollowing } from '../../domain/sla/followed-change.ts';
import type { Loaded } from '../cases/command.ts';
import { type CreateServices, prepareCase } from '../cases/create-case.ts';
import { rulesOfCase } from '../cases/rules-of-case.ts';
import { saysTryAgain } from '../lost-races.ts';
import { afterClosing, followingUp } from './after-closing.ts';

/** Where a message landed that was recorded on a closed case, and what came of it. */
export const Landing = z
  .object({
    outcome: z
      .enum(['appended', 'reopened', 'opened', 'rejected'])
      .describe('Recorded and no more; on the case that it reopened; on a new case; or recorded and turned down'),
    caseId: CaseId,
    caseNumber: z.string(),
    because: z.string().optional().describe('Why the case was not reopened'),
    autoReplyDue: z.boolean().describe('Whether its sender is to be told where it went, or that it reopens nothing'),
  })
  .meta({ id: 'Landing' });
export type Landing = z.infer<typeof Landing>;

/** A message ready to be committed, and where it lands. */
export interface Landed {
  change: CaseChange;
  landing: Landing;
}

/**
 * Decides what a customer's message on a closed case does, together with its recording: it is recorded on the case that
 * it reopens, on a case that goes on from the closed one, or on the closed one itself. It is never dropped: where not
 * even a new case may be opened, the closed one keeps it and tells why.
 */
export const recordInbound = async (
  services: CreateServices,
  { file, head, now, also }: Omit<Loaded, 'rules'>,
  command: AddActivity,
  { activityId, caller, ...rest }: Pick<AddActivityContext, 'activityId' | 'caller' | 'mayBackdate' | 'files'>,
): Promise<Decision<Landed>> => {
  const { occurredAt = now, isAutomatic = false } = command;
  const destination = await afterClosing(services, file, { occurredAt, isAutomatic }, { head, now });
  if (!destination.accepted) return destination;
  const to = destination.value;

  const recordedOn = async (onto: CaseFile, more: Partial<AddActivityContext> = {}): Promise<Decision<CaseChange>> => {
    const rules = await rulesOfCase(services, head, onto);
    const context = { activityId, rules, caller, now, ...rest, onClosed: 'append' as const, ...more };
    const recorded = addActivity(onto, command, context);
    return recorded.accepted ? accept(withClocksFollowing(recorded.value, rules, now)) : recorded;
  };
  const landed = (
    change: CaseChange,
    outcome: Landing['outcome'],
    { because, autoReplyDue = false }: { because?: string; autoReplyDue?: boolean } = {},
  ): Decision<Landed> => {
    const { caseId, caseNumber } = change.after.case;
    return accept({ change, landing: { outcome, caseId, caseNumber, autoReplyDue, ...(because && { because }) } });
  };
  const rejected = async (onto: CaseFile, because: string): Promise<Decision<Landed>> => {
    const recorded = await recordedOn(onto);
    if (!recorded.accepted) return recorded;
    const told = { type: 'activity.rejected' as const, occurredAt: now, activityId, because, autoReplyDue: true };
    const change = { ...recorded.value, facts: [...recorded.value.facts, told] };
    return landed(change, 'rejected', { because, autoReplyDue: true });
  };

  switch (to.how) {
    case 'append': {
      const recorded = await recordedOn(to.file);
      return recorded.accepted ? landed(recorded.value, 'appended') : recorded;
    }
    case 'reject':
      return rejected(to.file, to.because);
    case 'reopen': {
      const recorded = await recordedOn(to.change.after);
      return recorded.accepted ? landed(inOneStep(to.change, recorded.value), 'reopened') : recorded;
    }
    case 'open': {
      const opened = await prepareCase(services, {
        caller,
        body: goingOnFrom(to.previous, command),
        now,
        head,
        previous: to.previous,
      });
      if (saysTryAgain(opened)) return opened;
      if (!opened.accepted) return rejected(to.previous, opened.code);
      const { change, rules, uses } = opened.value;
      const created = followingUp(change, to.previous);
      // It was written before the case that it opens.
      const recorded = await recordedOn(created.after, { rules, mayBackdate: true });
      if (!recorded.accepted) return recorded;
      also(uses);
      return landed(inOneStep(created, recorded.value), 'opened', { because: to.because, autoReplyDue: true });
    }
  }
};

/** Whether a command on a closed case is for `recordInbound`. */
export const reopens = ({ case: subject }: CaseFile, command: AddActivity): boolean =>
  subject.status !== 'active' && isCustomersMessage(command);

/** The case that goes on from a closed one: the same customer and subject, by the way that the message came. */
const goingOnFrom = ({ case: previous }: CaseFile, { type }: AddActivity): z.infer<typeof CreateCase> => {
  const { title, customerId, contactId, subjectId, product, caseType, caseId: previousCaseId } = previous;
  return CreateCase.parse({ title, customerId, contactId, subjectId, product, caseType, previousCaseId, origin: type });
};
