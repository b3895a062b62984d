import { MetricUnit } from '@aws-lambda-powertools/metrics';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { S3Client } from '@aws-sdk/client-s3';
import { SFNClient } from '@aws-sdk/client-sfn';
import { functionEnv, readEnv } from '../env.ts';
import { fileStore } from '../files/file-store.ts';
import { logger } from '../logger.ts';
import { meterOn, metricsOf, publish } from '../meter.ts';
import { services } from '../services.ts';
import { stepFunctionsTimers } from '../sla/timers.ts';
import { wakeByBus } from '../webhooks/wake.ts';
import { type SweepServices, sweep } from './sweep.ts';

const env = readEnv(functionEnv.sweeper);
const metrics = metricsOf(env.STAGE);
const deps: SweepServices = {
  ...services(env.TABLE_NAME, meterOn(metrics)),
  files: fileStore(new S3Client({}), env.ATTACHMENT_BUCKET),
  timers: stepFunctionsTimers(new SFNClient({}), env.SLA_TIMER_ARN),
  wake: wakeByBus({ bus: new EventBridgeClient({}), busName: env.EVENT_BUS_NAME }),
};

export const handler = async (): Promise<void> => {
  const swept = await sweep(deps, (what, partition, error) => {
    logger.error('not swept', { what, partition, error: error instanceof Error ? error : String(error) });
  });
  metrics.addMetric('OverdueTimers', MetricUnit.Count, swept.timer + swept.hold);
  metrics.addMetric('UnroutedCases', MetricUnit.Count, swept.unrouted);
  metrics.addMetric('StalledCascades', MetricUnit.Count, swept.cascade);
  metrics.addMetric('StalledBroadcasts', MetricUnit.Count, swept.broadcast);
  metrics.addMetric('StalledMerges', MetricUnit.Count, swept.move);
  metrics.addMetric('ParkedReactions', MetricUnit.Count, swept.parked);
  metrics.addMetric('StalledHandOvers', MetricUnit.Count, swept.handOver);
  metrics.addMetric('StalledErasures', MetricUnit.Count, swept.erasure);
  metrics.addMetric('StalledFollowings', MetricUnit.Count, swept.following);
  metrics.addMetric('CasesLeftAlone', MetricUnit.Count, swept.release);
  metrics.addMetric('UnprojectedFacts', MetricUnit.Count, swept.projection);
  metrics.addMetric('CasesByTemplates', MetricUnit.Count, swept.template);
  metrics.addMetric('LateDeliveries', MetricUnit.Count, swept.lateDeliveries);
  metrics.addMetric('FarAlarmsArmed', MetricUnit.Count, swept.arm);
  publish(metrics);
  logger.info('swept', { ...swept });
};
