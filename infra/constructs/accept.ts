import { Validations } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

/**
 * Accepts what the rules of cdk-nag's AwsSolutions pack find in a construct, each by the rule's short id with the true
 * reason. A test runs the pack and fails on everything else.
 */
export const accept = (construct: IConstruct, reasons: Readonly<Record<string, string>>): void => {
  for (const [rule, reason] of Object.entries(reasons))
    Validations.of(construct).acknowledge({ id: `AwsSolutions::AwsSolutions-${rule}`, reason });
};
