import { Logger } from '@aws-lambda-powertools/logger';

/** The function's logger: JSON with the service's name and level from the environment; ids, never bodies. */
export const logger = new Logger();
