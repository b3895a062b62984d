import { describe, expect, it } from 'vitest';
import { DEFAULT_STATUS_MODEL, permittedTransitions, type StatusModel } from '../../../domain/cases/status-reasons.ts';

const all = Object.keys(DEFAULT_STATUS_MODEL.reasons);
const model = (changed: Partial<StatusModel['transitions']>): StatusModel => ({
  ...DEFAULT_STATUS_MODEL,
  transitions: { ...DEFAULT_STATUS_MODEL.transitions, ...changed },
});

describe('a fresh service', () => {
  it('has four active, two resolved and two cancelled reasons, of which two hold the clocks', () => {
    const { reasons } = DEFAULT_STATUS_MODEL;
    const inStatus = (status: string) => all.filter((reason) => reasons[reason]?.status === status);
    expect(inStatus('active')).toEqual(['inProgress', 'onHold', 'waitingForDetails', 'researching']);
    expect(inStatus('resolved')).toEqual(['problemSolved', 'informationProvided']);
    expect(inStatus('cancelled')).toEqual(['cancelled', 'merged']);
    expect(all.filter((reason) => reasons[reason]?.isOnHold)).toEqual(['onHold', 'waitingForDetails']);
    expect(all.every((reason) => reasons[reason]?.enabled)).toBe(true);
  });
});

describe('where a case may go', () => {
  it.each(['inProgress', 'onHold', 'waitingForDetails', 'researching'])('from %s: anywhere else', (from) => {
    expect(permittedTransitions(DEFAULT_STATUS_MODEL, from).sort()).toEqual(all.filter((to) => to !== from).sort());
  });

  it.each(['problemSolved', 'informationProvided', 'cancelled'])('from %s: back into progress', (from) => {
    expect(permittedTransitions(DEFAULT_STATUS_MODEL, from)).toEqual(['inProgress']);
  });

  it('from merged: nowhere, with or without a graph, whatever it says', () => {
    for (const changed of [{}, { enabled: false }, { allow: { merged: ['inProgress'] } }]) {
      expect(permittedTransitions(model(changed), 'merged')).toEqual([]);
    }
  });

  it('without a graph: from an active reason to every other, from a closed one back into progress', () => {
    const free = model({ enabled: false, allow: {} });
    expect(permittedTransitions(free, 'onHold').sort()).toEqual(all.filter((to) => to !== 'onHold').sort());
    expect(permittedTransitions(free, 'cancelled')).toEqual(['inProgress']);
  });

  it('from a reason that the graph does not name: nowhere', () => {
    expect(permittedTransitions(model({ allow: {} }), 'inProgress')).toEqual([]);
  });

  it('never to a disabled reason, one that does not exist, or where it is', () => {
    const { onHold } = DEFAULT_STATUS_MODEL.reasons;
    const disabled: StatusModel = {
      reasons: { ...DEFAULT_STATUS_MODEL.reasons, onHold: { ...onHold!, enabled: false } },
      transitions: { enabled: true, allow: { inProgress: ['onHold', 'gone', 'inProgress', 'researching'] } },
    };
    expect(permittedTransitions(disabled, 'inProgress')).toEqual(['researching']);
  });
});
