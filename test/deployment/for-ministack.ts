import { globSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

/** What ministack refuses a whole template for. */
const UNKNOWN: readonly string[] = ['AWS::CloudWatch::CompositeAlarm'];

const Template = z.looseObject({ Resources: z.record(z.string(), z.looseObject({ Type: z.string() })) });

/**
 * Makes an assembly's templates such that ministack can deploy them: what it does not know is taken out and only named
 * where it was referred to, and what demands TLS of those who call demands it no more, as ministack has none.
 */
export const adaptToMinistack = (assembly: string): void => {
  for (const file of globSync(join(assembly, '*.template.json'))) {
    const template = Template.parse(JSON.parse(readFileSync(file, 'utf8')));
    const unknown = new Set(
      Object.entries(template.Resources).flatMap(([id, { Type }]) => (UNKNOWN.includes(Type) ? [id] : [])),
    );
    const Resources = Object.fromEntries(Object.entries(template.Resources).filter(([id]) => !unknown.has(id)));
    writeFileSync(
      file,
      JSON.stringify({ ...template, Resources }, (_, value) => adapted(value, unknown)),
    );
  }
};

const Reference = z.union([
  z.strictObject({ Ref: z.string() }).transform(({ Ref }) => Ref),
  z.strictObject({ 'Fn::GetAtt': z.tuple([z.string(), z.string()]) }).transform((value) => value['Fn::GetAtt'][0]),
]);

/** The condition of a denial of whatever comes over plain HTTP. */
const OverPlainHttp = z.strictObject({ Bool: z.strictObject({ 'aws:SecureTransport': z.literal('false') }) });

const adapted = (value: unknown, unknown: ReadonlySet<string>): unknown => {
  if (OverPlainHttp.safeParse(value).success) return { Bool: { 'aws:SecureTransport': 'never' } };
  const id = Reference.safeParse(value).data;
  return id !== undefined && unknown.has(id) ? id : value;
};
