import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import type { DynamoDBRecord } from 'aws-lambda';
import { z } from 'zod';
import { Following } from '../domain/customers/following.ts';
import { CaseEvent } from '../domain/facts/fact.ts';
import { FOLLOWING_ENTITY, TABLE } from './table/schema.ts';

/** DynamoDB's own JSON; what it means is parsed behind. */
const NewImage = z.custom<Record<string, AttributeValue>>((image) => typeof image === 'object' && image !== null);

const imageOf = (record: DynamoDBRecord): Record<string, unknown> =>
  unmarshall(NewImage.parse(record.dynamodb?.NewImage));

/** The event that a record of the table's stream carries; the mappings' filters pass nothing else but what `followingOf` reads. */
export const eventOf = (record: DynamoDBRecord): CaseEvent => CaseEvent.parse(imageOf(record));

/** What an edit of a customer has set going, if that is what a record carries. */
export const followingOf = (record: DynamoDBRecord): Following | undefined => {
  const image = imageOf(record);
  return image[TABLE.entity] === FOLLOWING_ENTITY ? Following.parse(image) : undefined;
};
