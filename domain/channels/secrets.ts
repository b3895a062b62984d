/** The secrets of a channel that hold just now. They are never part of its setting (`docs/channels.md`). */
export interface ValidSecrets {
  /** Made by us: any of them signs what comes in; the first one signs what goes out. */
  own: readonly string[];
  /** Given to us by the provider, by name. */
  given: Readonly<Record<string, string>>;
}
