import { z } from 'zod';

/** Why a mail is held back before anybody looks at what it says. */
export const Suspicion = z.enum(['virus', 'forged', 'spam']);
export type Suspicion = z.infer<typeof Suspicion>;

/** What whoever received a mail makes of it, by the word; words are `PASS`, `FAIL`, `GRAY` and others. */
export type Verdicts = Readonly<Record<'spam' | 'virus' | 'spf' | 'dkim' | 'dmarc' | 'policy', string | undefined>>;

/**
 * Whether a mail is held back. A sender is believed not to be who they say only where the domain itself asks for mail to
 * be refused that is not its own: lists and forwarding break the marks of honest mail.
 */
export const suspicionOf = ({ virus, dmarc, policy, spam }: Verdicts): Suspicion | undefined => {
  if (virus === 'FAIL') return 'virus';
  if (dmarc === 'FAIL' && policy?.toLowerCase() === 'reject') return 'forged';
  return spam === 'FAIL' ? 'spam' : undefined;
};
