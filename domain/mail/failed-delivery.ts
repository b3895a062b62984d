import { z } from 'zod';

/** What a report says of a mail that did not arrive (RFC 3464). */
export const FailedDelivery = z.object({
  /** The ids of the mail: its `Message-ID`, if the report says it. */
  messageIds: z.array(z.string()),
  /** Our own name of it, if it came back with its headers. */
  activityId: z.uuid().optional(),
  /** `5.1.1`, or what else the server gave. */
  status: z.string().optional(),
});
export type FailedDelivery = z.infer<typeof FailedDelivery>;

/** The fields of a report on its receivers, one group each: the server's own group comes first. */
const fieldsOf = (group: string): Map<string, string> =>
  new Map(
    group
      .replace(/\r?\n[ \t]+/g, ' ')
      .split(/\r?\n/)
      .flatMap((line): [string, string][] => {
        const [, name, value] = /^([A-Za-z-]+):\s*(.*)$/.exec(line) ?? [];
        return name ? [[name.toLowerCase(), (value ?? '').trim()]] : [];
      }),
  );

/** Whether a report says that a mail has failed for good, for any of its receivers, and how. Delays are none. */
export const failureIn = (report: string): { status?: string } | undefined => {
  for (const group of report.split(/\r?\n\s*\r?\n/)) {
    const fields = fieldsOf(group);
    if (fields.get('action')?.toLowerCase() !== 'failed') continue;
    const [status] = /^\d\.\d{1,3}\.\d{1,3}/.exec(fields.get('status') ?? '') ?? [];
    return { ...(status && { status }) };
  }
  return undefined;
};

const UUID = /[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}/i;

/** Which mail came back, by its headers as a report quotes them. */
export const nameIn = (headers: string): Pick<FailedDelivery, 'messageIds' | 'activityId'> => {
  const fields = fieldsOf(headers.split(/\r?\n\s*\r?\n/)[0] ?? '');
  const messageIds = fields.get('message-id')?.match(/<[^<>\s]+>/g) ?? [];
  // Our own ids begin with the activity’s; what sends them may have written others over them.
  const [activityId] = UUID.exec(fields.get('x-docket-loop') ?? messageIds[0]?.split('@')[0] ?? '') ?? [];
  return { messageIds: [...messageIds], ...(activityId && { activityId: activityId.toLowerCase() }) };
};
