import { Liquid } from 'liquidjs';
import type { MessageTemplate } from '../../domain/channels/message-template.ts';
import { invalid, type Refusal } from '../../domain/refusal.ts';

/** Templates see what they are given and nothing else: no files, no prototypes, and not without end. */
const liquid = new Liquid({
  templates: {},
  ownPropertyOnly: true,
  strictFilters: true,
  parseLimit: 100_000,
  memoryLimit: 1_000_000,
  timezoneOffset: 0,
});

/** Why a template cannot be used: what in it is not Liquid, or names a filter or tag that there is not. */
export const whyNotTemplate = ({ subject, body }: MessageTemplate): Refusal<'VALIDATION_FAILED'> | undefined => {
  for (const [path, text] of Object.entries({ subject, body })) {
    if (text === undefined) continue;
    try {
      liquid.parse(text);
    } catch (error) {
      return invalid(path, error instanceof Error ? error.message : String(error));
    }
  }
  return undefined;
};

/** A template as it reads with these values. */
export const renderTemplate = async (
  { subject, body }: Pick<MessageTemplate, 'subject' | 'body'>,
  values: object,
): Promise<{ subject?: string; text: string }> => {
  const render = async (text: string): Promise<string> => String(await liquid.parseAndRender(text, values));
  return { ...(subject && { subject: (await render(subject)).trim() }), text: (await render(body)).trim() };
};
