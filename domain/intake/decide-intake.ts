import type { CaseFile } from '../cases/case-file.ts';
import { caseLookup } from '../cases/case-lookup.ts';
import type { Channel, CreationRule, OpenedWith } from '../channels/channel.ts';
import { evaluate, type Lookup } from '../conditions/condition.ts';
import type { Customer } from '../customers/customer.ts';
import type { Suspicion } from '../mail/verdicts.ts';
import { wordsOf } from '../search/words.ts';
import { type Instant, MINUTE, toMs } from '../time.ts';
import type { InboundMessage } from './message.ts';

/** What is known about a message before it is decided upon. */
export interface Situation {
  /** Who wrote, if somebody like that is known. */
  customer?: Customer;
  /** The case that the message belongs to, and what says so; merged cases have been followed. */
  correlated?: { file: CaseFile; because: string };
  /** Another case that it names too. */
  besides?: { file: CaseFile; because: string };
  /** A case that it names and that its sender has no part in. */
  related?: CaseFile;
  /** We have sent it ourselves. */
  isEcho?: boolean;
  /** Somebody wants it taken in who has looked at it. */
  isLookedAt?: boolean;
  /** The customer's newest open case, looked up when a rule may ask for it. */
  newest?: CaseFile;
}

/** What is to become of a message. */
export type Plan = { trace: string[]; ruleId?: string } & (
  | { action: 'append'; file: CaseFile; how: 'byPolicy' | 'waiting'; besides?: { file: CaseFile; because: string } }
  | { action: 'create'; fields: OpenedWith; templateId?: string; customer?: Customer; related?: CaseFile }
  | { action: 'skip'; outcome: 'ignored' | 'queued' | 'failed'; reason: SkipReason }
);

/** Why a message opened nothing and was added to nothing. */
export type SkipReason =
  | 'rule'
  | 'spam'
  | 'automatic'
  | 'unknownSender'
  | 'unknownSenderQueued'
  | 'nothingToAttachTo'
  | 'unreadable'
  | 'loop'
  | Suspicion;

/**
 * Decides what becomes of a message: the first rule that matches says what may happen; a message that belongs to a case
 * is added to it; any other opens one, if its sender may. What is skipped has a word for why, and the trace tells each
 * step.
 */
export const decideIntake = (
  channel: Channel,
  message: InboundMessage,
  { customer, correlated, besides, related, newest, isEcho, isLookedAt }: Situation,
  now: Instant,
): Plan => {
  const trace = [
    customer ? `the sender is the customer ${customer.customerId}` : 'the sender is nobody known',
    correlated
      ? `it belongs to ${correlated.file.case.caseNumber} by ${correlated.because}`
      : 'it belongs to no case so far',
    ...(besides ? [`it names ${besides.file.case.caseNumber} too, by ${besides.because}`] : []),
    ...(related ? [`it names ${related.case.caseNumber}, which its sender has no part in`] : []),
  ];
  const rule = firstRule(channel, message, { customer, correlated }, trace);
  const told = { trace, ...(rule && { ruleId: rule.id }) };
  const skip = (reason: SkipReason, outcome: 'ignored' | 'queued' = 'ignored'): Plan => ({
    ...told,
    action: 'skip',
    outcome,
    reason,
  });

  if (isEcho && !isLookedAt) return skip('loop');
  const { suspicion } = message;
  if (suspicion && (!isLookedAt || suspicion === 'virus')) return skip(suspicion);
  if (rule?.then === 'ignore') return skip('rule');
  if (rule?.then === 'spam') return skip('spam');
  const target = correlated?.file ?? (rule?.then === 'attach' ? newest : undefined);
  if (target) {
    const how = howToAppend(channel, target, now);
    return { ...told, action: 'append', file: target, how, ...(besides && { besides }) };
  }
  if (rule?.then === 'attach') return skip('nothingToAttachTo');
  if (message.isAutomatic && !rule) return skip('automatic');
  const fields = { ...channel.defaults, ...rule?.fields };
  if (!customer && !fields.customerId) {
    if (channel.unknownSender === 'reject') return skip('unknownSender');
    if (channel.unknownSender === 'queue') return skip('unknownSenderQueued', 'queued');
  }
  const templateId = message.isAutomatic ? undefined : (rule?.templateId ?? channel.autoReply?.templateId);
  return {
    ...told,
    action: 'create',
    fields,
    ...(templateId && { templateId }),
    ...(customer && { customer }),
    ...(related && { related }),
  };
};

const firstRule = (
  { rules = [], defaults = {} }: Channel,
  message: InboundMessage,
  { customer, correlated }: Situation,
  trace: string[],
): CreationRule | undefined => {
  const ofCase = caseLookup(correlated?.file.case ?? defaults, customer);
  const ofMessage = messageLookup(message);
  const lookup: Lookup = (field) => {
    if (field === 'isReply') return correlated !== undefined;
    return field.startsWith('message.') ? ofMessage(field.slice('message.'.length)) : ofCase(field);
  };
  for (const rule of rules) {
    const { matched, because } = evaluate(rule.when, lookup);
    trace.push(`rule ${rule.id} ${matched ? 'matches' : 'does not match'}: ${because}`);
    if (matched) return rule;
  }
  if (rules.length > 0) trace.push('no rule matches');
  return undefined;
};

/** What rules may ask of a message. `words` are those of subject and text, so that `eq` finds one of them. */
const messageLookup = (message: InboundMessage): ((field: string) => unknown) => {
  const { type, from, to, cc, subject, text, isAutomatic, details = {}, files = [] } = message;
  const email = from.email ?? (from.id.includes('@') ? from.id : undefined);
  const fields = new Map<string, unknown>(
    Object.entries({
      ...details,
      type,
      from: from.id,
      fromName: from.name,
      fromEmail: email,
      fromDomain: email?.slice(email.lastIndexOf('@') + 1).toLowerCase(),
      fromPhone: from.phone,
      to,
      cc,
      subject,
      text,
      isAutomatic,
      attachments: files.length,
    }),
  );
  return (field) => (field === 'words' ? wordsOf(`${subject ?? ''} ${text}`) : fields.get(field));
};

/** A resolved case may be left in peace for a while: what comes then is recorded, and neither reopens nor opens. */
const howToAppend = (
  { waitAfterResolvedMinutes = 0 }: Channel,
  { case: subject }: CaseFile,
  now: Instant,
): 'byPolicy' | 'waiting' =>
  subject.status === 'resolved' && toMs(now) < toMs(subject.resolvedOn) + waitAfterResolvedMinutes * MINUTE
    ? 'waiting'
    : 'byPolicy';
