import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, paginateScan } from '@aws-sdk/lib-dynamodb';
import type { Host } from '../../infra/local/host.ts';
import { REGION } from '../../infra/local/template.ts';

/** Every item that a running service keeps, as JSON: what is looked for anywhere is looked for here. */
export const everyStoredItem = async ({ database }: Host): Promise<string[]> => {
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  const client = DynamoDBDocumentClient.from(
    new DynamoDBClient({ endpoint: database.url, region: REGION, credentials }),
  );
  const items: string[] = [];
  for (const TableName of database.tables) {
    for await (const { Items = [] } of paginateScan({ client }, { TableName })) {
      items.push(...Items.map((item) => JSON.stringify(item)));
    }
  }
  client.destroy();
  return items;
};
