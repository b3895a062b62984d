/**
 * AWS's list prices in us-east-1, in US dollars, without free tiers and discounts. Written down by hand and fetched by
 * nobody: before a budget rests on one, look it up on the pricing page of the service that it names.
 */
export const PRICES_NOTED = '2026-11-22';

export const PRICES = {
  'HTTP API, a million requests': { usd: 1, page: 'API Gateway' },
  'Lambda, a million requests': { usd: 0.2, page: 'Lambda' },
  'Lambda on arm64, a GB-second': { usd: 0.0000133334, page: 'Lambda' },
  'DynamoDB on demand, a million write units': { usd: 0.625, page: 'DynamoDB' },
  'DynamoDB on demand, a million read units': { usd: 0.125, page: 'DynamoDB' },
  'DynamoDB, a GB kept for a month': { usd: 0.25, page: 'DynamoDB' },
  'DynamoDB, a GB of point-in-time recovery for a month': { usd: 0.2, page: 'DynamoDB' },
  'Step Functions Standard, a thousand transitions': { usd: 0.025, page: 'Step Functions' },
  'EventBridge, a million events': { usd: 1, page: 'EventBridge' },
  'CloudWatch, an alarm for a month': { usd: 0.1, page: 'CloudWatch' },
  'CloudWatch, a composite alarm for a month': { usd: 0.5, page: 'CloudWatch' },
  'CloudWatch, a dashboard for a month': { usd: 3, page: 'CloudWatch' },
  'CloudWatch, a metric of one’s own for a month': { usd: 0.3, page: 'CloudWatch' },
  'CloudWatch Logs, a GB taken in': { usd: 0.5, page: 'CloudWatch' },
  'X-Ray, a million traces': { usd: 5, page: 'X-Ray' },
  'KMS, a key for a month': { usd: 1, page: 'KMS' },
  'Cognito, a machine client for a month': { usd: 6, page: 'Cognito' },
  'WAF, a web ACL for a month': { usd: 5, page: 'WAF' },
  'WAF, a rule for a month': { usd: 1, page: 'WAF' },
} as const satisfies Record<string, { usd: number; page: string }>;
export type Priced = keyof typeof PRICES;
