import { globSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, expect, it } from 'vitest';

/** What infra may know of the functions: their environment and the table's names, never behaviour. */
const SHARED_WITH_INFRA = ['functions/env.ts', 'functions/table/schema.ts'];

/** What each folder may import: a path from the repository's root, or a package. */
const mayImport: Record<string, (target: string) => boolean> = {
  domain: (target) => target.startsWith('domain/') || ['zod', 'temporal-polyfill'].includes(target),
  functions: (target) => !/^(infra|test|workflows)\/|^aws-cdk-lib|^vitest/.test(target),
  infra: (target) =>
    !/^(domain|test)\//.test(target) && (!target.startsWith('functions/') || SHARED_WITH_INFRA.includes(target)),
};

const importsOf = (file: string): string[] =>
  [...readFileSync(file, 'utf8').matchAll(/(?:from|import)\s*\(?\s*'([^'\s]+)'/g)].map(([, target = '']) =>
    target.startsWith('.') ? normalize(join(dirname(file), target)) : target,
  );

const sources = globSync('{domain,functions,infra}/**/*.{ts,mjs}');

describe('the dependency rule', () => {
  it.each(Object.keys(mayImport))('%s imports only what it may know', (folder) => {
    const files = sources.filter((file) => file.startsWith(`${folder}/`));
    expect(files.length).toBeGreaterThan(10);
    const wrong = files.flatMap((file) =>
      importsOf(file)
        .filter((target) => !mayImport[folder]?.(target))
        .map((target) => `${file} imports ${target}`),
    );
    expect(wrong).toEqual([]);
  });

  it('keeps clocks, randomness and the environment out of the domain', () => {
    const impure = /new Date\(\)|Date\.now|Math\.random|randomUUID|process\.env|performance\.|setTimeout/;
    expect(sources.filter((file) => file.startsWith('domain/') && impure.test(readFileSync(file, 'utf8')))).toEqual([]);
  });

  it('lets only the files of keys build keys', () => {
    const key = /`[A-Z_]+#|'[A-Z_]+#/;
    const builders = sources.filter((file) => file.startsWith('functions/') && key.test(readFileSync(file, 'utf8')));
    expect(builders.length).toBeGreaterThan(10);
    expect(builders.filter((file) => !file.startsWith('functions/table/keys/'))).toEqual([]);
  });

  it('lets only the store of cases write what conditions look at, behind changes whose clocks have been followed', () => {
    const items = /\b(caseItem|placementItem|activitySummaryItem)\(/;
    const writers = sources.filter((file) => file.startsWith('functions/') && items.test(readFileSync(file, 'utf8')));
    expect(writers).toEqual(['functions/table/case-writes.ts']);
  });

  it('reads the environment in handlers only', () => {
    const readers = sources.filter(
      (file) => file.startsWith('functions/') && /readEnv\(|process\.env/.test(readFileSync(file, 'utf8')),
    );
    expect(readers.filter((file) => !file.endsWith('.handler.ts'))).toEqual(['functions/env.ts']);
  });

  it('lets every API that reads the table know who signs in, and turn away who has left', () => {
    const apis = sources.filter(
      (file) => file.endsWith('-api.handler.ts') && /services\(/.test(readFileSync(file, 'utf8')),
    );
    expect(apis.length).toBeGreaterThan(4);
    expect(apis.filter((file) => !/\.use\(signIn\(/.test(readFileSync(file, 'utf8')))).toEqual([]);
  });

  it('lets no function know that it runs locally', () => {
    const knows = /AWS_ENDPOINT_URL|localhost|127\.0\.0\.1|dynoxide|isLocal/;
    expect(sources.filter((file) => !file.startsWith('infra/') && knows.test(readFileSync(file, 'utf8')))).toEqual([]);
  });
});
