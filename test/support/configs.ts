/** A stage whose API is reached through CloudFront, by another name than its own. */
export const BEHIND_A_FIREWALL = {
  domain: { name: 'origin.example.com', certificateArn: 'arn:aws:acm:eu-west-1:123456789012:certificate/1' },
  waf: {
    name: 'desk-api.example.com',
    certificateArn: 'arn:aws:acm:us-east-1:123456789012:certificate/2',
    originSecretName: 'docket/origin',
    originSha256: ['2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae'],
  },
};
