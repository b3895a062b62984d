import { RootConstruct } from 'constructs';
import { describe, expect, it } from 'vitest';
import { readConfig } from '../../infra/config.ts';
import { BEHIND_A_FIREWALL } from '../support/configs.ts';

const read = (context: Record<string, unknown>) => {
  const { node } = new RootConstruct();
  for (const [key, value] of Object.entries(context)) node.setContext(key, value);
  return readConfig(node);
};

describe('the configuration', () => {
  it('needs nothing: the stage is dev, browsers of other origins are refused, nobody is written to, only public addresses are called', () => {
    expect(read({})).toMatchObject({ stage: 'dev', corsOrigins: [], alarmEmails: [], outboundAddresses: 'public' });
  });

  it('takes what is said of its own stage and not of others', () => {
    const stages = { prod: { alarmEmails: ['ops@example.com'] }, dev: { corsOrigins: ['https://dev.example.com'] } };
    expect(read({ stage: 'prod', stages })).toMatchObject({
      stage: 'prod',
      alarmEmails: ['ops@example.com'],
      corsOrigins: [],
    });
  });

  it.each([
    ['a word that means nothing', { stages: { dev: { alarmEmail: ['ops@example.com'] } } }],
    ['a stage that cannot be part of names', { stage: 'Prod 1' }],
    ['a stage that Cognito does not allow in a domain', { stage: 'aws-test' }],
    ['an address that is none', { stages: { dev: { alarmEmails: ['ops'] } } }],
    ['a retention that CloudWatch does not know', { stages: { dev: { logRetentionDays: 42 } } }],
    [
      'an issuer without TLS',
      { stages: { dev: { identityProvider: { issuer: 'http://id.example.com', audience: ['a'] } } } },
    ],
    ['mail of no domain', { stages: { dev: { mail: { domains: [] } } } }],
    ['a mailbox in place of a domain', { stages: { dev: { mail: { domains: ['help@shop.example'] } } } }],
    [
      'a MAIL FROM domain of identities that are somebody else’s',
      { stages: { dev: { mail: { domains: ['shop.example'], mailFromSubdomain: 'bounce' } } } },
    ],
    ['mail received by no rule set', { stages: { dev: { mail: { domains: ['shop.example'], receive: {} } } } }],
    ['a limit that admits nobody', { stages: { dev: { throttle: { rateLimit: 0, burstLimit: 1 } } } }],
  ])('refuses %s', (_, context) => {
    expect(() => read(context)).toThrow(/^The configuration of stage .* is refused:/);
  });

  it('takes a firewall with a certificate of us-east-1 only, and in front of a domain of another name', () => {
    const { waf, domain } = BEHIND_A_FIREWALL;
    const refused = (prod: object) => () => read({ stage: 'prod', stages: { prod } });
    expect(read({ stage: 'prod', stages: { prod: { waf, domain } } })).toMatchObject({ waf, domain });
    const { certificateArn } = domain;
    expect(refused({ domain, waf: { ...waf, certificateArn } })).toThrow(/prod\.waf\.certificateArn: .*us-east-1 only/);
    expect(refused({ waf })).toThrow(/prod\.waf: needs a domain of another name/);
    expect(refused({ domain: { ...domain, name: waf.name }, waf })).toThrow(
      /prod\.waf: needs a domain of another name/,
    );
  });

  it('names the rule set that mail cannot be received by', () => {
    const dev = { mail: { domains: ['shop.example'], receive: { ruleSet: 'no such name' } } };
    expect(() => read({ stages: { dev } })).toThrow(/stages\.dev\.mail\.receive\.ruleSet: letters, digits/);
  });

  it('is refused by the name of each key that is wrong', () => {
    const stages = { prod: { alarmEmails: ['ops'], domain: { name: 'api.example.com' } } };
    expect(() => read({ stage: 'prod', stages })).toThrow(
      /stages\.prod\.alarmEmails\.0: .*\n.*stages\.prod\.domain\.certificateArn: /,
    );
  });
});
