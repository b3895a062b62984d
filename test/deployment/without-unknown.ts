import { globSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

/** What ministack refuses a whole template for. */
const UNKNOWN: readonly string[] = ['AWS::CloudWatch::CompositeAlarm'];

const Template = z.looseObject({ Resources: z.record(z.string(), z.looseObject({ Type: z.string() })) });

/** Takes from an assembly's templates what ministack does not know, and names it where it was referred to. */
export const withoutUnknown = (assembly: string): void => {
  for (const file of globSync(join(assembly, '*.template.json'))) {
    const template = Template.parse(JSON.parse(readFileSync(file, 'utf8')));
    const unknown = new Set(
      Object.entries(template.Resources).flatMap(([id, { Type }]) => (UNKNOWN.includes(Type) ? [id] : [])),
    );
    if (unknown.size === 0) continue;
    const Resources = Object.fromEntries(Object.entries(template.Resources).filter(([id]) => !unknown.has(id)));
    writeFileSync(
      file,
      JSON.stringify({ ...template, Resources }, (_, value) => named(value, unknown)),
    );
  }
};

const Reference = z.union([
  z.strictObject({ Ref: z.string() }).transform(({ Ref }) => Ref),
  z.strictObject({ 'Fn::GetAtt': z.tuple([z.string(), z.string()]) }).transform((value) => value['Fn::GetAtt'][0]),
]);

const named = (value: unknown, unknown: ReadonlySet<string>): unknown => {
  const id = Reference.safeParse(value).data;
  return id !== undefined && unknown.has(id) ? id : value;
};
