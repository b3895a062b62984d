import { functionEnv, readEnv } from '../env.ts';
import { logger } from '../logger.ts';
import { services } from '../services.ts';
import { Alarm, type Rung, ringAlarm } from './ring-alarm.ts';

const deps = services(readEnv(functionEnv.ring).TABLE_NAME);

export const handler = async (input: unknown): Promise<Rung> => {
  const alarm = Alarm.parse(input);
  logger.info('alarm', { ...alarm });
  const rung = await ringAlarm(deps, alarm);
  logger.info('rung', { caseId: alarm.caseId, kpi: alarm.kpi, ...rung });
  return rung;
};
