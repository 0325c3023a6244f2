import type { ActionDescriptions, AuditSink, FactSink, Tx } from '../../kernel/index.js';
import type { Database, LogWriter, WakeUp } from '../../platform/index.js';
import { governorErrors } from './governor.errors.js';
import type { governorLogEvents } from './governor.log-events.js';
import { isActionId, isScope, type KillSwitch } from './kill-switch.js';
import { nearestActions } from './nearest-actions.js';
import { ALL_SWITCHES, ENGAGE_SWITCH, ENGAGED_SWITCHES, LIFT_SWITCH } from './sql.js';

export interface KillSwitchesParts {
  readonly database: Database;
  /** A switch for an action that this build does not have would stop nothing. */
  readonly catalogue: ActionDescriptions;
  readonly facts: FactSink;
  readonly audit: AuditSink;
  readonly log: LogWriter<typeof governorLogEvents>;
  /** Told after each change, since it is a fact. */
  readonly written: WakeUp;
}

export interface SwitchChange {
  readonly on: boolean;
  readonly scope: string;
  readonly reason: string;
  readonly actor: string;
}

/** The kill switches in the database. They are read anew whenever one could matter, so all instances obey at once. */
export class KillSwitches {
  /** A read that is about to be sent. */
  #next: Promise<KillSwitch[]> | undefined;
  readonly #seen = new WeakMap<Tx, Promise<KillSwitch[]>>();

  constructor(private readonly parts: KillSwitchesParts) {}

  /** Every switch that was ever set, those that are on first. */
  list(): Promise<KillSwitch[]> {
    return this.parts.database.query<KillSwitch>(ALL_SWITCHES);
  }

  /** Those of these scopes that are on, in the order of the scopes. Who asks at the same moment shares one read, sent after all of them asked. */
  async engaged(scopes: readonly string[]): Promise<KillSwitch[]> {
    this.#next ??= Promise.resolve().then(() => {
      this.#next = undefined;
      return this.parts.database.prepared<KillSwitch>(ENGAGED_SWITCHES.name, ENGAGED_SWITCHES.text, []);
    });
    return among(await this.#next, scopes);
  }

  /** As {@link engaged}, within a transaction. */
  async engagedIn(tx: Tx, scopes: readonly string[]): Promise<KillSwitch[]> {
    return among(await tx.query<KillSwitch>(ENGAGED_SWITCHES.text), scopes);
  }

  /** As {@link engagedIn}, as they were when the transaction first asked: for decisions that are held against the switches once more before the call. */
  async seenIn(tx: Tx, scopes: readonly string[]): Promise<KillSwitch[]> {
    const seen = this.#seen.get(tx) ?? tx.query<KillSwitch>(ENGAGED_SWITCHES.text);
    this.#seen.set(tx, seen);
    return among(await seen, scopes);
  }

  /**
   * Sets or lifts a switch, with its fact and audit entry. Setting one that is on states the new reason.
   * @throws CordonError `governor.scope_unknown`, `governor.switch_not_on`
   */
  async change({ on, scope, reason, actor }: SwitchChange): Promise<KillSwitch[]> {
    if (!isScope(scope)) throw governorErrors.create('governor.scope_unknown', { field: 'scope', detail: `scope: ${JSON.stringify(scope)}` });
    const { database, catalogue, facts, audit, log, written } = this.parts;
    // One that is on may be lifted after its action is gone.
    if (on && isActionId(scope) && !catalogue.find(scope)) throw governorErrors.create('governor.scope_unknown', { field: 'scope', detail: `scope: no action ${scope}; nearest: ${nearestActions(catalogue, scope)}` });
    const switches = await database.transaction(async (tx) => {
      const lifted = await tx.query(on ? ENGAGE_SWITCH : LIFT_SWITCH, [scope, reason, actor, tx.now]);
      const all = await tx.query<KillSwitch>(ALL_SWITCHES);
      if (!on && lifted.length === 0) throw notOn(scope, all);
      await facts.append(tx, [{ type: 'governor.kill_switch', subject: `governor:${scope}`, body: { on, scope, reason, by: actor } }]);
      await audit.record(tx, [{ action: on ? 'governor.kill_switch_on' : 'governor.kill_switch_off', actor, target: `governor:${scope}`, detail: { reason } }]);
      return all;
    });
    log(on ? 'governor.kill_switch_on' : 'governor.kill_switch_off', { scope, actor, reason });
    written.notify();
    return switches;
  }
}

function notOn(scope: string, all: readonly KillSwitch[]) {
  const engaged = all.filter((one) => one.engaged).map((one) => one.scope);
  return governorErrors.create('governor.switch_not_on', { field: 'scope', detail: `${scope}; on: ${engaged.length > 0 ? engaged.join(', ') : 'none'}` });
}

const among = (switches: readonly KillSwitch[], scopes: readonly string[]): KillSwitch[] =>
  switches.filter(({ scope }) => scopes.includes(scope)).sort((a, b) => scopes.indexOf(a.scope) - scopes.indexOf(b.scope));
