import { z } from 'zod';
import { CaseFields, OwnerId, Slug } from '../cases/case.ts';
import { Condition } from '../conditions/condition.ts';

/** What speaks through a channel; each kind has an adapter. */
export const ChannelKind = z
  .enum(['webhook', 'email', 'slack', 'telegram', 'whatsapp', 'mattermost', 'telephony', 'github'])
  .meta({ id: 'ChannelKind' });
export type ChannelKind = z.infer<typeof ChannelKind>;

const { title, customerId, origin, priority, severity, subjectId, caseType, product, labels } = CaseFields.shape;

/** What cases get that a channel or one of its rules opens. */
export const OpenedWith = z
  .strictObject({
    title,
    customerId: customerId.describe('Whose the cases are, whoever sends the message'),
    origin,
    priority: priority.unwrap(),
    severity,
    subjectId,
    caseType,
    product,
    labels,
    queueId: Slug,
    ownerId: OwnerId,
  })
  .partial()
  .meta({ id: 'OpenedWith' });
export type OpenedWith = z.infer<typeof OpenedWith>;

/** What becomes of a message for which `when` holds. The first rule that matches decides; where none does, `create`. */
export const CreationRule = z
  .strictObject({
    id: Slug,
    when: Condition.describe('Over `message.<field>`, `customer.<field>` and `isReply`'),
    // biome-ignore lint/suspicious/noThenProperty: the contract calls it so, and nobody awaits a rule.
    then: z
      .enum(['create', 'attach', 'ignore', 'spam'])
      .describe('`attach` adds to the case that the message belongs to, or to the sender’s newest open one'),
    fields: OpenedWith.optional(),
    templateId: Slug.optional().describe('The automatic answer to a message that this rule opens a case for'),
  })
  .meta({ id: 'CreationRule' });
export type CreationRule = z.infer<typeof CreationRule>;

const expression = z.string().min(1).max(4_000);

/** Where a payload of a form of its own has what a message consists of: JSONata, or a JSON pointer (`/a/b`). */
export const Mapping = z
  .union([
    expression.describe('One JSONata expression that makes a message of the payload'),
    z.strictObject({
      conversationId: expression.optional(),
      from: z.strictObject({
        id: expression,
        name: expression.optional(),
        email: expression.optional(),
        phone: expression.optional(),
      }),
      subject: expression.optional(),
      text: expression,
      occurredAt: expression.optional(),
      isAutomatic: expression.optional(),
      attachments: expression.optional(),
      ignore: expression.optional().describe('A payload for which this is true is not a message'),
    }),
  ])
  .meta({ id: 'Mapping' });
export type Mapping = z.infer<typeof Mapping>;

/** A year: no case waits longer for its customer to come back. */
const MOST_MINUTES = 366 * 24 * 60;

/** A way by which messages come in and go out, as a setting. Its secrets are kept elsewhere (`docs/channels.md`). */
export const Channel = z
  .strictObject({
    kind: ChannelKind,
    name: z.string().trim().min(1).max(200).optional(),
    enabled: z.boolean().default(true).describe('A channel that is not takes no messages'),
    address: z.string().trim().min(1).max(320).optional().describe('What customers write to. A mailbox has its own'),
    aliases: z
      .array(z.string().trim().min(1).max(320))
      .max(50)
      .optional()
      .describe('For kind email: other addresses that its mail comes to'),
    fromName: z.string().trim().min(1).max(200).optional(),
    signature: z.string().max(4_000).optional().describe('Stands below every reply'),
    queueId: Slug.optional().describe('Where its cases go; without it they are routed'),
    defaults: OpenedWith.optional(),
    mapping: Mapping.optional().describe('For kind webhook'),
    rules: z
      .array(CreationRule)
      .max(200)
      .refine((rules) => new Set(rules.map(({ id }) => id)).size === rules.length, 'two rules have the same id')
      .optional(),
    unknownSender: z
      .enum(['reject', 'createContact', 'queue'])
      .default('createContact')
      .describe('`queue` keeps the message in the intake until somebody says whose it is'),
    requireEntitlement: z.boolean().optional(),
    waitAfterResolvedMinutes: z
      .int()
      .min(0)
      .max(MOST_MINUTES)
      .optional()
      .describe('So long a message about a resolved case is recorded there and opens nothing'),
    autoReply: z.strictObject({ templateId: Slug }).optional().describe('Sent when a message opens a case'),
    replyUrl: z
      .url({ protocol: /^https?$/ })
      .max(2_000)
      .optional()
      .describe('For kind webhook: where replies are posted'),
    messagesPerMinute: z.int().min(1).max(1_000_000).default(600).describe('More are answered with 429'),
    ownCases: z
      .boolean()
      .optional()
      .describe('For kind email: a mail that other mailboxes get as well opens a case of its own here'),
    messagesPerSender: z
      .int()
      .min(1)
      .max(1_000_000)
      .optional()
      .describe('For kind email: who sends more in an hour (1,000 unless told) is taken for a machine'),
    provider: z
      .record(z.string().regex(/^[a-z][A-Za-z0-9]{0,39}$/), z.string().max(2_000))
      .optional()
      .describe('What the provider of this kind needs to know besides secrets'),
  })
  .meta({ id: 'Channel' });
export type Channel = z.infer<typeof Channel>;

/** The addresses of a mailbox as they are compared, its own first. */
export const mailAddressesOf = ({ kind, address, aliases = [] }: Channel): string[] =>
  kind === 'email' ? [...(address ? [address] : []), ...aliases].map((one) => one.toLowerCase()) : [];

/** All that a channel may open cases with. */
export const openedBy = ({ defaults, rules = [] }: Channel): OpenedWith[] =>
  [defaults, ...rules.map(({ fields }) => fields)].flatMap((fields) => fields ?? []);
