/**
 * Something the person at the keyboard can put right: a taken port, a broken data folder, a template that asks for more
 * than this host runs. Its message is one sentence, printed alone; anything else that is thrown is a fault of the host.
 */
export class HostProblem extends Error {
  override name = 'HostProblem';
}

/** What went wrong, in the words of whoever threw it. */
export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
