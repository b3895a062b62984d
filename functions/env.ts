import { z } from 'zod';

const bucketName = z.string().min(3);
const tableName = z.string().min(3);
const stage = z.string().min(1);
const stateMachineArn = z.string().startsWith('arn:');

const functionArn = z.string().startsWith('arn:');
const eventBusName = z.string().min(1);
/** Which machines may be called at addresses that users enter. */
const outboundAddresses = z.enum(['public', 'any']);

/**
 * What each function reads from its environment. The construct that deploys a function takes the same schema's type as
 * a property, so that a variable which a function reads and nobody sets does not compile.
 */
export const functionEnv = {
  canary: z.object({ TABLE_NAME: tableName, SLA_TIMER_ARN: stateMachineArn, STAGE: stage }),
  casesApi: z.object({ TABLE_NAME: tableName, ATTACHMENT_BUCKET: bucketName }),
  articlesApi: z.object({ TABLE_NAME: tableName }),
  channelsApi: z.object({ TABLE_NAME: tableName, ATTACHMENT_BUCKET: bucketName }),
  courier: z.object({
    TABLE_NAME: tableName,
    ATTACHMENT_BUCKET: bucketName,
    OUTBOUND_ADDRESSES: outboundAddresses,
    /** Of Amazon SES; empty where the stage sends no mail. */
    MAIL_CONFIGURATION_SET: z.string(),
  }),
  customersApi: z.object({ TABLE_NAME: tableName, ATTACHMENT_BUCKET: bucketName }),
  peopleApi: z.object({ TABLE_NAME: tableName }),
  entitlementsApi: z.object({ TABLE_NAME: tableName }),
  portabilityApi: z.object({ TABLE_NAME: tableName }),
  inbound: z.object({ TABLE_NAME: tableName, ATTACHMENT_BUCKET: bucketName, OUTBOUND_ADDRESSES: outboundAddresses }),
  mailFeedback: z.object({ TABLE_NAME: tableName }),
  mailReceiver: z.object({
    TABLE_NAME: tableName,
    ATTACHMENT_BUCKET: bucketName,
    MAIL_BUCKET: bucketName,
    MAIL_PREFIX: z.string(),
  }),
  queuesApi: z.object({ TABLE_NAME: tableName }),
  reportsApi: z.object({ TABLE_NAME: tableName }),
  searchApi: z.object({ TABLE_NAME: tableName }),
  routingApi: z.object({ TABLE_NAME: tableName }),
  settingsApi: z.object({ TABLE_NAME: tableName }),
  slaApi: z.object({}),
  docsApi: z.object({}),
  reactions: z.object({
    TABLE_NAME: tableName,
    ATTACHMENT_BUCKET: bucketName,
    SLA_TIMER_ARN: stateMachineArn,
    STAGE: stage,
  }),
  redriveApi: z.object({
    TABLE_NAME: tableName,
    FAILURE_BUCKET: bucketName,
    REACTIONS_ARN: functionArn,
    RELAY_ARN: functionArn,
    /** Empty where the stage sends no mail. */
    MAIL_FEEDBACK_ARN: z.string(),
    MAIL_RECEIVER_ARN: z.string(),
    SWEEPER_ARN: functionArn,
  }),
  relay: z.object({ TABLE_NAME: tableName, EVENT_BUS_NAME: eventBusName }),
  ring: z.object({ TABLE_NAME: tableName, STAGE: stage }),
  sweeper: z.object({
    TABLE_NAME: tableName,
    ATTACHMENT_BUCKET: bucketName,
    SLA_TIMER_ARN: stateMachineArn,
    EVENT_BUS_NAME: eventBusName,
    STAGE: stage,
  }),
  webhooksApi: z.object({
    TABLE_NAME: tableName,
    EVENT_BUS_NAME: eventBusName,
    OUTBOUND_ADDRESSES: outboundAddresses,
  }),
  webhookSender: z.object({
    TABLE_NAME: tableName,
    EVENT_BUS_NAME: eventBusName,
    OUTBOUND_ADDRESSES: outboundAddresses,
    STAGE: stage,
  }),
};

/** Parses the process environment by one of the schemas above; called once, in a handler's wiring. */
export const readEnv = <Schema extends z.ZodType>(schema: Schema): z.infer<Schema> => schema.parse(process.env);

/** The claim that lists a person's roles. Cognito calls it so; another issuer's name for it is set on every function. */
export const ROLES_CLAIM = process.env.ROLES_CLAIM ?? 'cognito:groups';

/**
 * SHA-256 of the words by which what stands in front of the API shows that a request came through it; none where
 * nothing stands there. Set on every function, and no secret: the words are long and random.
 */
export const ORIGIN_SHA256: readonly string[] = (process.env.ORIGIN_SHA256 ?? '')
  .split(',')
  .filter((one) => one !== '');
