import type { TransactWriteCommand } from '@aws-sdk/lib-dynamodb';
import type { LocalTable } from './open-local-table.ts';

/** Capacity units since the last reset. */
export interface Spent {
  read: number;
  write: number;
  /** Write units by item or index; a write in a transaction costs two. */
  on: Map<string, number>;
}

interface Consumed {
  CapacityUnits?: number;
  ReadCapacityUnits?: number;
  WriteCapacityUnits?: number;
  Table?: { CapacityUnits?: number };
  GlobalSecondaryIndexes?: Record<string, { CapacityUnits?: number }>;
}

/** Has every call tell what it consumed, and adds it up. */
export const meter = ({ client }: LocalTable) => {
  let spent: Spent;
  const reset = () => {
    spent = { read: 0, write: 0, on: new Map() };
  };
  reset();
  client.middlewareStack.add(
    (next, { commandName = '' }) =>
      async (args) => {
        Object.assign(args.input, { ReturnConsumedCapacity: 'INDEXES' });
        const result = await next(args);
        const consumed = [
          (result.output as { ConsumedCapacity?: Consumed | Consumed[] }).ConsumedCapacity ?? [],
        ].flat();
        const isWrite = /Write|Put|Update|Delete/.test(commandName);
        for (const one of consumed) {
          if (!isWrite) {
            spent.read += one.CapacityUnits ?? 0;
            continue;
          }
          spent.write += one.CapacityUnits ?? 0;
          for (const [index, { CapacityUnits = 0 }] of Object.entries(one.GlobalSecondaryIndexes ?? {}))
            add(index, CapacityUnits);
        }
        if (args.input instanceof Object && 'TransactItems' in args.input) {
          for (const item of (args.input as TransactWriteCommand['input']).TransactItems ?? []) add(nameOf(item), 2);
        }
        return result;
      },
    { step: 'initialize' },
  );
  const add = (name: string, units: number) => {
    if (units > 0) spent.on.set(name, (spent.on.get(name) ?? 0) + units);
  };
  return { reset, read: () => spent };
};

type TransactItem = NonNullable<TransactWriteCommand['input']['TransactItems']>[number];

const nameOf = ({ Put, Update, ConditionCheck, Delete }: TransactItem): string => {
  const key = Put?.Item ?? Update?.Key ?? Delete?.Key ?? ConditionCheck?.Key ?? {};
  const what =
    Put?.Item?.entity === 'event'
      ? `event ${Put.Item.fact.type}`
      : String(key.SK)
          .replace(/[0-9a-f-]{36}/g, '…')
          .replace(/#0+1$/, '');
  return `${what}${ConditionCheck ? ' (check)' : ''}`;
};
