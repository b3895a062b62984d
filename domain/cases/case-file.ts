import type { Activity, ActivitySummary } from '../activities/activity.ts';
import type { CustomFields } from '../custom-fields/fill-fields.ts';
import type { Customer } from '../customers/customer.ts';
import type { Draw } from '../entitlements/draw.ts';
import type { Entitlement } from '../entitlements/entitlement.ts';
import type { Fact } from '../facts/fact.ts';
import type { ChildLink, Family } from '../hierarchy/family.ts';
import type { LinkChange } from '../links/link.ts';
import type { Merges } from '../merge/merges.ts';
import type { ProcessFlow } from '../process/process-flow.ts';
import type { Placement } from '../queues/queue.ts';
import type { CaseSettings } from '../settings/case-settings.ts';
import type { Calendar } from '../sla/calendar.ts';
import type { KpiInstance } from '../sla/kpi-instance.ts';
import type { Sla } from '../sla/sla.ts';
import type { Instant } from '../time.ts';
import type { Case } from './case.ts';
import type { Hold } from './hold.ts';
import type { StatusModel } from './status-reasons.ts';

/** All that a command needs to know of a case; the table gives it in one read. */
export interface CaseFile {
  readonly case: Case;
  readonly placement?: Placement;
  readonly family: Family;
  readonly activities: ActivitySummary;
  /** Absent while the case has had nothing to do with a merge. */
  readonly merges?: Merges;
  readonly kpis: readonly KpiInstance[];
  /** Until when it is to be on hold, if anybody has said so. */
  readonly hold?: Hold;
  /** The entitlement that the case is under; commands must have it, lists need not. */
  readonly entitlement?: Entitlement;
}

/** A setting's document in one of its versions. */
export interface Versioned<Document> {
  id: string;
  version: number;
  document: Document;
}

/** The settings that hold for a case: its own SLA version and the calendars that its clocks were born with. */
export interface Rules {
  readonly caseSettings: CaseSettings;
  readonly statusModel: StatusModel;
  readonly customFields: CustomFields;
  /** The flow of the case, in the version that it keeps. */
  readonly flow?: Versioned<ProcessFlow>;
  /** The flows that cases which have none may get. */
  readonly flows: readonly Versioned<ProcessFlow>[];
  readonly sla?: Versioned<Sla>;
  /** The case's customer, where the SLA's conditions look at them. */
  readonly customer?: Customer;
  /** By id: the present version for clocks that start, by id and version for those that run. */
  readonly calendar: (id: string, version?: number) => Versioned<Calendar> | undefined;
}

/** Who commands: the caller of a request, or the system on behalf of the user who set something going. */
export interface Caller {
  userId: string;
  roles: readonly ('agent' | 'supervisor' | 'admin' | 'integration')[];
  /** The teams that they are in just now, looked up for the decisions that ask who belongs where. */
  teamIds?: readonly string[];
  /** The customers that a machine client is held to, where it is held to some. */
  customerIds?: readonly string[];
}

/**
 * What a decision rests on besides its own case. The commit turns each into a condition, or a counter's change under a
 * condition, in the same transaction, so that two commands cannot both be right on what they read.
 */
export type Fence =
  | { type: 'isActive' }
  | { type: 'isNotMerged' }
  /** Of what is recorded on a closed case as it stands: on an active one it would have done more. */
  | { type: 'isClosed' }
  /** The closed case from which a new one goes on; nobody has opened another meanwhile. */
  | { type: 'isFollowedUp'; previousId: string; instead?: string }
  | { type: 'noActiveChildren' }
  | { type: 'activeChildrenAre'; count: number }
  | { type: 'isNoParent' }
  /** Of a case that has never had children: they would have left their mark on the case itself. Costs no write of its own. */
  | { type: 'hasNoFamily' }
  /** The user who owns the case from now on has not been deactivated; a team has only just been seen to exist. */
  | { type: 'ownerIsThere'; ownerId: string }
  /** Whoever picks a case has not been deactivated; machines need not be known as users. */
  | { type: 'mayWork'; userId: string }
  | { type: 'childrenAre'; count: number }
  /** Charges the case with children that come later; with a cap, they must fit under it together with its own. */
  | { type: 'childrenReserved'; count: number; maxChildren?: number }
  | { type: 'childrenReleased'; count: number }
  /** Counts the moves that the case is an end of. */
  | { type: 'movesUnderWay'; by: number }
  /** A child comes to another parent, which has been charged with it already. */
  | { type: 'childMoves'; from: ChildLink; to: ChildLink; childIsActive: boolean }
  | {
      type: 'childOpens';
      parentId: string;
      parentVersion: number;
      /** Only an import brings a closed one. */
      childIsActive?: boolean;
      /** The parent must be active when the transaction commits (it must never be merged or a child, whatever this says). */
      parentMustBeActive: boolean;
      /** Present when the child is new to this parent: its link is written and counted under the cap. */
      link?: {
        maxChildren: number;
        attachedOn: Instant;
        /** How many come in this transaction, if several do: the cap leaves room for all, and the parent tells of all at once. */
        together?: number;
      };
    }
  | { type: 'childCloses'; parentId: string; closed?: { version: number; isResolved: boolean } }
  | { type: 'childLeaves'; parentId: string; parentVersion: number };

/** An accepted command on one case: its file before (absent when it is new) and after, and what happened. */
export interface CaseChange {
  readonly before?: CaseFile;
  readonly after: CaseFile;
  readonly facts: readonly Fact[];
  /** Activities that are new (revision 1) or changed. */
  readonly activities?: readonly Activity[];
  /** By the case in whose partition each is. */
  readonly cancelledActivities?: readonly { activityId: string; caseId: string }[];
  readonly fences?: readonly Fence[];
  /** Links that come, turn round or go; both cases have them, and both tell. */
  readonly links?: readonly LinkChange[];
  /** Movements of entitlements' balances; the commit records them and makes sure that the balances allow them. */
  readonly draws?: readonly Draw[];
}

/** A case with the next version and some of its own fields changed, stamped as modified at `now`. */
export const revised = (subject: Case, now: Instant): Pick<Case, 'version' | 'modifiedOn'> => ({
  version: subject.version + 1,
  modifiedOn: now,
});
