import type { Tx } from '../../kernel/index.js';
import type { LogWriter, Metrics } from '../../platform/index.js';
import { classOf } from './action-class.js';
import type { Circumstances, Subject } from './circumstances.js';
import { decide } from './decide.js';
import type { Governor, GovernorRequest, Verdict } from './governor.js';
import type { governorLogEvents } from './governor.log-events.js';
import type { governorMetrics } from './governor.metrics.js';
import type { GovernorPolicy } from './governor-policy.js';
import { isCounted } from './judge-limits.js';
import { describeSwitch, scopesOf } from './kill-switch.js';
import type { KillSwitches } from './kill-switches.js';
import type { SlotStore } from './slot-store.js';
import type { SubjectReader } from './subject-reader.js';

export interface PostgresGovernorParts {
  readonly policy: GovernorPolicy;
  readonly subjects: SubjectReader;
  readonly slots: SlotStore;
  readonly switches: KillSwitches;
  readonly metrics: Metrics<typeof governorMetrics>;
  readonly log: LogWriter<typeof governorLogEvents>;
}

/** The governor on what the database knows. */
export class PostgresGovernor implements Governor {
  constructor(private readonly parts: PostgresGovernorParts) {}

  /** A second decision on an effect that has its slot takes no other one, but obeys kill switch, protection and mode anew. */
  async decide(tx: Tx, request: GovernorRequest): Promise<Verdict> {
    const { policy, slots, metrics, log } = this.parts;
    const setting = await this.#setting(tx, request);
    const judge = async () => decide({ request, policy, circumstances: await this.#circumstances(tx, request, setting) });
    let verdict = await judge();
    // Only what would go waits for the lock: in a storm that has spent its cap, nobody queues for a refusal.
    if (verdict.decision === 'go' && isCounted(request, policy)) {
      await slots.lock(tx);
      verdict = await judge();
      if (verdict.decision === 'go') await slots.reserve(tx, request, setting.subjects);
    }
    const name = classOf(request.action);
    metrics.cordon_governor_decisions_total.inc({ class: name, decision: verdict.decision });
    if (verdict.page) {
      metrics.cordon_governor_caps_spent_total.inc({ class: name });
      log('governor.cap_spent', { effect: request.effectId, action: request.action.id, reason: verdict.reasons[0] ?? '' });
    }
    return verdict;
  }

  /** What {@link decide} would say now, without taking a slot. */
  async explain(tx: Tx, request: GovernorRequest): Promise<{ verdict: Verdict; circumstances: Circumstances }> {
    const circumstances = await this.#circumstances(tx, request, await this.#setting(tx, request));
    return { verdict: decide({ request, policy: this.parts.policy, circumstances }), circumstances };
  }

  async release(tx: Tx, effectId: string): Promise<void> {
    if (await this.parts.slots.release(tx, effectId)) this.parts.metrics.cordon_governor_slots_released_total.inc();
  }

  async veto({ action, isUndo }: Pick<GovernorRequest, 'action' | 'isUndo'>): Promise<string | undefined> {
    if (isUndo) return undefined;
    const [on] = await this.parts.switches.engaged(scopesOf(action));
    if (!on) return undefined;
    this.parts.metrics.cordon_governor_vetoes_total.inc({ class: classOf(action) });
    return describeSwitch(on);
  }

  /** Who is acted on matters only where something is taken away or counted. */
  async #setting(tx: Tx, request: GovernorRequest): Promise<Setting> {
    const { policy, subjects } = this.parts;
    if (request.isUndo || !(request.action.destructive || isCounted(request, policy))) return { subjects: [], directorySize: 0 };
    return { subjects: await subjects.read(request.entities, tx), directorySize: request.action.destructive ? await subjects.size(tx) : 0 };
  }

  async #circumstances(tx: Tx, request: GovernorRequest, { subjects, directorySize }: Setting): Promise<Circumstances> {
    const { policy, slots, switches } = this.parts;
    const counted = isCounted(request, policy);
    const counts = counted ? await slots.usage(tx, request, policy, subjects) : UNCOUNTED;
    const scopes = scopesOf(request.action);
    // A counted decision has waited for others and looks anew. The rest of a transaction's are made on one view: the veto follows.
    const look = () => (counted ? switches.engagedIn(tx, scopes) : switches.seenIn(tx, scopes));
    return {
      now: tx.now,
      subjects,
      switches: request.isUndo ? [] : await look(),
      usage: { ...counts, directorySize },
    };
  }
}

/** What of the circumstances does not change while a decision waits for its turn. */
interface Setting {
  readonly subjects: readonly Subject[];
  readonly directorySize: number;
}

const UNCOUNTED = { holdsSlot: false, destructiveInHour: 0, actionInHour: 0, identitiesHit: 0, lastOnSubject: null };
