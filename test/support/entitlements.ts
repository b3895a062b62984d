import type { Answer } from './api-client.ts';
import type { Service } from './service.ts';

/** Ten cases in 2026, taken as they are created. */
export const TEN_CASES = {
  name: 'Gold 2026',
  allotment: 'cases',
  total: 10,
  startsOn: '2026-01-01',
  endsOn: '2026-12-31',
  decrementOn: 'onCreate',
  restrictByTerms: true,
};

/** Grants entitlements and watches their balances. */
export const entitlementsOf = (service: Service) => {
  const post = async (path: string, body: unknown = {}): Promise<Answer['body']> => {
    const answer = await service.supervisor.post(path, body);
    if (answer.status >= 300) throw new Error(`${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
    return answer.body;
  };
  return {
    draft: (customerId: string, terms: object = {}) => post('/v1/entitlements', { ...TEN_CASES, customerId, ...terms }),
    async active(customerId: string, terms: object = {}): Promise<Answer['body']> {
      const { id } = await post('/v1/entitlements', { ...TEN_CASES, customerId, ...terms });
      return post(`/v1/entitlements/${id}/activate`);
    },
    async remaining({ id }: { id: string }): Promise<number> {
      return (await service.anna.get(`/v1/entitlements/${id}`)).body.remaining;
    },
    async remainingOf({ id }: { id: string }, origin: string): Promise<number> {
      const { channels } = (await service.anna.get(`/v1/entitlements/${id}`)).body;
      return channels.find((channel: { origin: string }) => channel.origin === origin).remaining;
    },
  };
};
