/** What cfn-lint and checkov find in the templates and we mean: each rule with the reason why it does not hold here. */
export const ACCEPTED = {
  cfnLint: {
    W3005: 'CDK lets a function wait for its role’s policies too, and then names the role beside the reference to it.',
  },
  checkov: {
    CKV_AWS_18: 'Buckets are written by Lambda alone or by signed addresses; who reads is in the trail of the account.',
    CKV_AWS_21:
      'Objects are written once under names of their own; old versions would outlive the day on which they are to go.',
    CKV_AWS_26:
      'Alarms cannot publish through the key that AWS manages for topics; their texts name alarms and no customers.',
    CKV_AWS_115:
      'Concurrency that is reserved for one function is taken from all others; the gateway bounds what comes in.',
    CKV_AWS_116:
      'Requests and timers are answered while their callers wait, streams have the failure bucket, and the sweeper comes again every minute.',
    CKV_AWS_117: 'Functions call AWS and webhooks by TLS; a network of their own would need gateways and hold nothing.',
    CKV_AWS_158: 'CloudWatch encrypts logs with keys of its own; personal data do not go there.',
    CKV_AWS_173: 'Environments hold names of resources and no secrets; Lambda encrypts them with a key of its own.',
  },
} as const;
