import { endHold } from '../cases/end-hold.ts';
import { functionEnv, readEnv } from '../env.ts';
import { logger } from '../logger.ts';
import { meterOn, metricsOf, publish } from '../meter.ts';
import { services } from '../services.ts';
import { Alarm, type Rung, ringAlarm } from './ring-alarm.ts';
import { HOLD_ALARM } from './timers.ts';

const env = readEnv(functionEnv.ring);
const metrics = metricsOf(env.STAGE);
const deps = services(env.TABLE_NAME, meterOn(metrics));

export const handler = async (input: unknown): Promise<Rung> => {
  const alarm = Alarm.parse(input);
  logger.info('alarm', { ...alarm });
  try {
    const rung = await (alarm.kpi === HOLD_ALARM ? endHold(deps, alarm) : ringAlarm(deps, alarm));
    logger.info('rung', { caseId: alarm.caseId, kpi: alarm.kpi, correlationId: alarm.correlationId, ...rung });
    return rung;
  } finally {
    publish(metrics);
  }
};
