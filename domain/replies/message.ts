/** What a message that leaves says, and to whom: the same from when it stands in line until a provider has it. */
export interface Message {
  /** The addressees as the channel knows them: `from.id` of their last message, or what an agent named. */
  to: readonly string[];
  cc?: readonly string[];
  bcc?: readonly string[];
  subject?: string;
  text: string;
  html?: string;
  /** Nobody wrote it: it is no answer, and must not be answered by a machine. */
  isAutomatic?: boolean;
}
