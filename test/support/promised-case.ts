import type { z } from 'zod';
import type { Activity } from '../../domain/activities/activity.ts';
import { AddActivity, addActivity } from '../../domain/activities/add-activity.ts';
import { assignCase } from '../../domain/cases/assign-case.ts';
import type { CaseChange, CaseFile, Rules } from '../../domain/cases/case-file.ts';
import { CreateCase, createCase } from '../../domain/cases/create-case.ts';
import { PatchCase, patchCase } from '../../domain/cases/patch-case.ts';
import { reactivateCase } from '../../domain/cases/reactivate-case.ts';
import { resolveCase } from '../../domain/cases/resolve-case.ts';
import type { CustomFields } from '../../domain/custom-fields/fill-fields.ts';
import type { Customer } from '../../domain/customers/customer.ts';
import type { CaseEvent, Fact } from '../../domain/facts/fact.ts';
import type { Decision } from '../../domain/refusal.ts';
import type { CaseSettings } from '../../domain/settings/case-settings.ts';
import { latestGenerations } from '../../domain/sla/clocks.ts';
import { withClocksFollowing } from '../../domain/sla/followed-change.ts';
import type { KpiInstance } from '../../domain/sla/kpi-instance.ts';
import { settleKpi } from '../../domain/sla/settle-kpi.ts';
import { Sla } from '../../domain/sla/sla.ts';
import { ada, CASCADE, CASE, changeOf, rulesOf, sue } from './case-builders.ts';
import { at, LONDON, short } from './sla-builders.ts';

type Items = z.input<typeof Sla>['items'];
type Promised = {
  kpis?: z.input<typeof Sla>['kpis'];
  settings?: Partial<CaseSettings>;
  customer?: Customer;
  customFields?: CustomFields;
};

/** A case under an SLA (on London's office hours as `london`), told command by command as the real ones are decided. */
export class PromisedCase {
  readonly file: CaseFile;
  readonly rules: Rules;
  readonly events: readonly CaseEvent[];
  readonly activities: ReadonlyMap<string, Activity>;

  private constructor(change: CaseChange, rules: Rules, when: string, before?: PromisedCase) {
    this.file = change.after;
    this.rules = rules;
    this.events = [...(before?.events ?? []), ...change.facts.map((fact) => eventOf(fact, when))];
    const recorded = (change.activities ?? []).map((activity): [string, Activity] => [activity.activityId, activity]);
    this.activities = new Map([...(before?.activities ?? []), ...recorded]);
  }

  get facts(): readonly Fact[] {
    return this.events.map(({ fact }) => fact);
  }

  static open(
    when: string,
    items: Items,
    fields: Partial<z.input<typeof CreateCase>> = {},
    { kpis, settings, customer = ada, customFields = [] }: Promised = {},
  ): PromisedCase {
    const sla = { id: 'standard', version: 1, document: Sla.parse({ name: 'Standard', items, kpis }) };
    const london = { id: 'london', version: 1, document: LONDON };
    const rules = rulesOf(settings, {
      sla,
      customer,
      customFields,
      calendar: (id) => (id === 'london' ? london : undefined),
    });
    const command = CreateCase.parse({ title: 'No network', customerId: 'ada', origin: 'web', ...fields });
    const ids = { caseId: CASE, caseNumber: 'CASE-000001', referenceKey: 'CASE-000001-4F7K' };
    const change = changeOf(createCase(command, { ids, customer, rules, caller: sue, now: at(when) }));
    return new PromisedCase(change, rules, when);
  }

  patch(when: string, patch: z.input<typeof PatchCase>, subjectPath?: string[]): PromisedCase {
    const { rules } = this;
    const customer = rules.customer ?? ada;
    const context = { rules, caller: sue, now: at(when), customer, subjectPath, slaSource: this.file.case.slaSource };
    return this.#after(when, patchCase(this.file, PatchCase.parse(patch), context));
  }
  assign(when: string, ownerId: string): PromisedCase {
    return this.#after(when, assignCase(this.file, { ownerId }, at(when)));
  }
  record(when: string, direction: 'inbound' | 'outbound', activity: Partial<z.input<typeof AddActivity>> = {}) {
    const command = AddActivity.parse({ type: 'email', direction, body: 'Hello', ...activity });
    const activityId = `0196b3a0-0000-7000-8000-${String(this.activities.size).padStart(12, '0')}`;
    return this.#after(
      when,
      addActivity(this.file, command, { activityId, rules: this.rules, caller: sue, now: at(when) }),
    );
  }
  resolve(when: string, resolutionType = 'problemSolved', occurredAt?: string): PromisedCase {
    const command = {
      resolutionType,
      resolution: 'Done',
      confirmCancelActivities: false,
      ...(occurredAt && { occurredAt: at(occurredAt) }),
    };
    const context = { rules: this.rules, caller: sue, now: at(when), cascadeId: CASCADE, openActivitiesOfChildren: 0 };
    return this.#after(when, resolveCase(this.file, command, context));
  }
  reactivate(when: string): PromisedCase {
    const context = { rules: this.rules, now: at(when), queueId: 'default' };
    return this.#after(when, reactivateCase(this.file, context));
  }

  /** The newest clock of a KPI. */
  clock(kpi = 'resolve'): KpiInstance | undefined {
    return latestGenerations(this.file.kpis).find((instance) => instance.kpi === kpi);
  }
  /** As `resolve 2 inProgress, due 2026-03-09 13:00`, of all clocks, settled at an instant. */
  clocksAt(when: string): string[] {
    return this.file.kpis
      .map((instance) => settleKpi(instance, at(when)).instance)
      .map(({ kpi, generation, status, failAt }) => {
        const due = status === 'inProgress' || status === 'nearingNoncompliance' ? `, due ${short(failAt)}` : '';
        return `${kpi} ${generation} ${status}${due}`;
      });
  }

  #after(when: string, decision: Decision<CaseChange>): PromisedCase {
    return new PromisedCase(withClocksFollowing(changeOf(decision), this.rules, at(when)), this.rules, when, this);
  }
}

const eventOf = (fact: Fact, when: string): CaseEvent => ({
  eventId: '0196b3a0-0000-7000-8000-00000000000e',
  caseId: CASE,
  caseVersion: 1,
  at: at(when),
  actor: sue.userId,
  cause: 'user',
  correlationId: 'test',
  fact,
});
