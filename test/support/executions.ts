import {
  GetExecutionHistoryCommand,
  paginateListExecutions,
  SFNClient,
  StopExecutionCommand,
} from '@aws-sdk/client-sfn';
import type { Host } from '../../infra/local/host.ts';
import { REGION } from '../../infra/local/template.ts';

/** The executions of a host's timers, beneath the API. */
export const executionsOf = ({ stepFunctions: { url, machines } }: Host) => {
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  const client = new SFNClient({ endpoint: url, region: REGION, credentials });
  const [stateMachineArn = ''] = machines;

  /** Those of a case, by their ARNs; all of them, or those that run. */
  const list = async (caseId: string, statusFilter?: 'RUNNING'): Promise<string[]> => {
    const arns: string[] = [];
    for await (const { executions = [] } of paginateListExecutions({ client }, { stateMachineArn, statusFilter }))
      arns.push(
        ...executions.filter(({ name }) => name?.startsWith(caseId)).map(({ executionArn = '' }) => executionArn),
      );
    return arns;
  };
  return {
    all: (caseId: string) => list(caseId),
    running: (caseId: string) => list(caseId, 'RUNNING'),
    stop: (executionArn: string) => client.send(new StopExecutionCommand({ executionArn })),
    /** How many state transitions an execution has cost: each state that it has entered is one. */
    async transitions(executionArn: string): Promise<number> {
      const { events = [] } = await client.send(new GetExecutionHistoryCommand({ executionArn, maxResults: 1000 }));
      return events.filter(({ type }) => type?.endsWith('StateEntered')).length;
    },
  };
};
