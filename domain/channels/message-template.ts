import { z } from 'zod';

/** Text that is written again and again, in Liquid: replies of agents, automatic answers, drafts of articles. */
export const MessageTemplate = z
  .strictObject({
    name: z.string().trim().min(1).max(200),
    kind: z.enum(['reply', 'autoReply', 'article']),
    language: z.string().min(2).max(35).describe('BCP 47, such as `en` or `pt-BR`'),
    subject: z.string().trim().min(1).max(1_000).optional(),
    body: z.string().min(1).max(32_000),
  })
  .meta({ id: 'MessageTemplate' });
export type MessageTemplate = z.infer<typeof MessageTemplate>;
