import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './bundle.ts';

/**
 * Reads a workflow and holds its `${Tokens}` against what will be put in their place. A token without a value would be
 * deployed as it stands and fail at the first alarm; a value without a token is a grant for something that nobody calls.
 */
export const aslDefinition = (file: string, substitutions: Readonly<Record<string, string>>): string => {
  const definition = readFileSync(join(ROOT, file), 'utf8');
  const tokens = new Set([...definition.matchAll(/\$\{([^}]*)\}/g)].map(([, token]) => token ?? ''));
  const missing = [...tokens].filter((token) => !(token in substitutions));
  if (missing.length > 0) throw new Error(`${file} names ${missing.join(', ')}, which nothing is substituted for`);
  const unused = Object.keys(substitutions).filter((token) => !tokens.has(token));
  if (unused.length > 0) throw new Error(`${file} does not name ${unused.join(', ')}`);
  return definition;
};
