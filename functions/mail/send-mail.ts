/** A mail that is ready to leave. */
export interface OutgoingMail {
  from: string;
  /** Who gets it. Who stands only here is named in none of its headers. */
  to: readonly string[];
  cc: readonly string[];
  bcc: readonly string[];
  /** The mail as RFC 5322 has it. */
  raw: Uint8Array;
  /** Come back with what is told of it later: letters, digits, `-` and `_`. */
  tags: Readonly<Record<string, string>>;
}

/** What became of handing a mail over. Reasons name no addresses: they are kept for ever. */
export type MailHandedOver =
  | {
      taken: true;
      externalId: string;
      /** The `Message-ID` under which its receivers know it, if that is not the one that we wrote. */
      messageId?: string;
    }
  | { taken: false; reason: string; isFinal: boolean };

/** Hands a mail over to whoever delivers it. */
export type SendMail = (mail: OutgoingMail) => Promise<MailHandedOver>;
