import type { Answer, Client } from './api-client.ts';
import { everyItem } from './api-client.ts';
import type { Service } from './service.ts';

type Body = Answer['body'];

/** A case and what people do with it, each at its instant. */
export interface Tale {
  /** Notes that something is done at an instant, for example `2026-03-09 10:00` in UTC. */
  later(at: string, act: (caseId: string) => Promise<Answer>): Tale;
  readonly caseId: string;
}

/**
 * The clock of a service only goes forward, but the tales of a test file happen in the same weeks: they are written
 * down one by one and played all together, in the order of time.
 */
export const diaryOf = (service: Service) => {
  const entries: { at: string; act: () => Promise<unknown> }[] = [];

  const opened = (at: string, fields: object, by: () => Client = () => service.anna): Tale => {
    let caseId = '';
    const tale: Tale = {
      later(at, act) {
        entries.push({
          at: instant(at),
          act: async () => {
            const { status, body } = await act(caseId);
            if (status >= 300) throw new Error(`${at}: ${status} ${JSON.stringify(body)}`);
          },
        });
        return tale;
      },
      get caseId() {
        return caseId;
      },
    };
    entries.push({
      at: instant(at),
      act: async () => {
        caseId = (await service.opened(fields, by())).caseId;
      },
    });
    return tale;
  };

  return {
    opened,
    async play(): Promise<void> {
      for (const { at, act } of entries.toSorted((a, b) => (a.at < b.at ? -1 : Number(a.at > b.at)))) {
        await service.clockTo(at);
        await act();
      }
      await service.settled();
    },
  };
};

const instant = (text: string): string => `${text.replace(' ', 'T')}:00.000Z`;

/** An instant as people write it: `2026-03-09 13:30`. */
export const readable = (at: string | undefined): string | undefined => at?.replace('T', ' ').replace(':00.000Z', '');

/** The posts of a case's timeline whose type starts so, in order. */
export const posts = async (client: Client, caseId: string, prefix: string): Promise<Body[]> =>
  (await everyItem(client, `/v1/cases/${caseId}/timeline`)).filter(
    ({ kind, type }) => kind === 'post' && type.startsWith(prefix),
  );

/** What happened to a case's clocks, in order: `resolve warning 2026-03-09 15:00`. */
export const clockStory = async (client: Client, caseId: string): Promise<string[]> =>
  (await posts(client, caseId, 'sla.'))
    .filter(({ type }) => !['sla.notified', 'sla.actionFailed'].includes(type))
    .map(({ type, kpi, occurredAt }) => `${kpi} ${type.slice('sla.'.length)} ${readable(occurredAt)}`);

/** The clocks of a case as the API shows them, by KPI and generation: `resolve 1`. */
export const clocksOf = async (client: Client, caseId: string): Promise<Record<string, Body>> => {
  const { body } = await client.get(`/v1/cases/${caseId}/sla`);
  return Object.fromEntries(body.kpis.map((kpi: Body) => [`${kpi.kpi} ${kpi.generation}`, kpi]));
};
