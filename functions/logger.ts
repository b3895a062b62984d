import { Logger } from '@aws-lambda-powertools/logger';

/**
 * The faults whose messages are ours, or AWS' about its resources, and name ids at most. All others are logged without:
 * libraries quote what they could not read (`Unexpected token 'A', "Ada Lovelace" is not valid JSON`), and hand it over
 * in properties as well.
 */
const TELLING: readonly string[] = [
  'AddressRefused',
  'BeyondHorizon',
  'EntitlementNotLoaded',
  'IllegalKpiMove',
  'LostRace',
  'MissingCalendar',
  'NotWoken',
  'NotYetVisible',
  'TooBusy',
  'UnreadItems',
  'ZodError',
  'AccessDeniedException',
  'ResourceNotFoundException',
  'ThrottlingException',
  'TransactionCanceledException',
];

/** An error for the log: what kind it is, where it was thrown and what led to it; its message only where that says nothing of people. */
export const described = ({ name, message, stack = '', cause }: Error): object => ({
  name,
  ...(TELLING.includes(name) && { message }),
  at: stack
    .split('\n')
    .filter((line) => /^ {4}at /.test(line))
    .map((line) => line.trim()),
  ...(cause instanceof Error && { cause: described(cause) }),
});

/** The function's logger: JSON with the service's name and level from the environment; ids, never bodies. */
export const logger = new Logger({
  jsonReplacerFn: (_, value) => (value instanceof Error ? described(value) : value),
});

/** A path for the log: whatever in it is no word or id might be what somebody wrote there by mistake. */
export const pathWithoutTexts = (path: string): string =>
  path.replaceAll(/[^/]+/g, (part) => (/^[\w-]{1,64}$/.test(part) ? part : '…'));
