import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openApiDocument } from '../functions/docs/openapi.ts';
import './typescript-6.mjs';

// After the line above: the generator asks for `typescript` when it is loaded.
const { default: openapiTS, astToString } = await import('openapi-typescript');

/** Writes the types of every route from the OpenAPI document. They are made, never edited, and not kept in the repository. */
const schema = JSON.parse(JSON.stringify(openApiDocument()));
writeFileSync(
  join(import.meta.dirname, 'api.d.ts'),
  astToString(await openapiTS(schema, { defaultNonNullable: false })),
);
