import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import type { DynamoDBRecord } from 'aws-lambda';
import { z } from 'zod';
import { CaseEvent } from '../domain/facts/fact.ts';

/** DynamoDB's own JSON; what it means is parsed behind. */
const NewImage = z.custom<Record<string, AttributeValue>>((image) => typeof image === 'object' && image !== null);

/** The event that a record of the table's stream carries; the mappings' filter passes nothing else. */
export const eventOf = (record: DynamoDBRecord): CaseEvent =>
  CaseEvent.parse(unmarshall(NewImage.parse(record.dynamodb?.NewImage)));
