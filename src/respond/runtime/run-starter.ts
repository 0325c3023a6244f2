import type { IncidentSnapshot, JsonObject } from '../../kernel/index.js';
import type { DatabaseTx } from '../../platform/index.js';
import type { CompiledPlaybook, PlaybookEvent } from '../engine/compiled-playbook.js';
import type { PlaybookStore } from './playbook-store.js';
import { STARTED } from './sql.js';
import type { StepBatch } from './step-batch.js';
import type { Run } from './run.js';

/** What the deployment sets for single playbooks. */
export type PlaybookSettings = Readonly<Record<string, { readonly enabled: boolean; readonly params: JsonObject }>>;

export const incidentKey = (incidentId: string, episode: number): string => `incident:${incidentId}:${episode}`;

/** Starts runs: one for each playbook and episode whose trigger holds. */
export class RunStarter {
  constructor(
    private readonly playbooks: PlaybookStore,
    private readonly settings: PlaybookSettings,
  ) {}

  /**
   * Playbooks that may start when an incident opens or changes, the most urgent first. Those on `incident.updated` may at an
   * opening too: an incident that opens with all of its signals at once has no update that they could wait for.
   */
  on(happened: 'incident.opened' | 'incident.updated'): CompiledPlaybook[] {
    return this.playbooks
      .active()
      .filter(({ source }) => (source.trigger.on === happened || source.trigger.on === 'incident.updated') && (this.settings[source.id]?.enabled ?? true))
      .sort((a, b) => (b.source.trigger.priority ?? 0) - (a.source.trigger.priority ?? 0));
  }

  paramsOf(playbook: CompiledPlaybook): JsonObject {
    return playbook.params(this.settings[playbook.source.id]?.params ?? {});
  }

  enabled({ source }: CompiledPlaybook): boolean {
    return this.settings[source.id]?.enabled ?? true;
  }

  /** Pairs of playbook and start key that have a run, as `<playbook> <key>`. */
  async started(tx: DatabaseTx, pairs: readonly { readonly playbook: string; readonly key: string }[]): Promise<Set<string>> {
    if (pairs.length === 0) return new Set();
    const rows = await tx.query<{ playbook_id: string; start_key: string }>(STARTED, [pairs.map(({ playbook }) => playbook), pairs.map(({ key }) => key)]);
    return new Set(rows.map(({ playbook_id, start_key }) => `${playbook_id} ${start_key}`));
  }

  /**
   * Starts a playbook for an incident where its trigger holds.
   * @throws what the machine or an expression of the playbook fails with; nothing was kept then
   */
  async startFor(batch: StepBatch, playbook: CompiledPlaybook, event: PlaybookEvent, incident: IncidentSnapshot): Promise<Run | undefined> {
    const params = this.paramsOf(playbook);
    if (!playbook.triggers(event, params, batch.tx.now)) return undefined;
    return batch.start(playbook, { startKey: incidentKey(incident.id, incident.episode), event, params, incident, requestedBy: null });
  }
}
