import type { Action, ActionCatalogue, ActionDescription, Dialer, DatabaseAction, HttpClient } from '../../kernel/index.js';
import type { Connector } from '../../sdk/index.js';

export interface ActionRegistryParts {
  readonly connectors: readonly Connector[];
  /** Resolved sections of the configuration by connector id. */
  readonly config: Readonly<Record<string, unknown>>;
  readonly http: HttpClient;
  readonly dialer: Dialer;
}

/** An action of this build, and whether it can run here. */
export interface ActionStatus {
  readonly description: ActionDescription;
  readonly configured: boolean;
}

/**
 * The actions of a running product: those of connectors that have a section in the configuration, bound to it, and those
 * inside the database, which their modules register while the product is composed.
 */
export class ActionRegistry implements ActionCatalogue {
  private readonly actions = new Map<string, Action>();
  private readonly notConfigured = new Map<string, ActionDescription>();

  constructor({ connectors, config, http, dialer }: ActionRegistryParts) {
    for (const connector of connectors) {
      const section = config[connector.id];
      for (const action of connector.actions) {
        if (section === undefined) this.notConfigured.set(action.description.id, action.description);
        else this.add(action.bind({ config: section, http, dialer }));
      }
    }
  }

  /** Called by modules at composition, before anything runs. */
  register(action: DatabaseAction): void {
    this.add(action);
  }

  find(id: string): Action | undefined {
    return this.actions.get(id);
  }

  list(): readonly Action[] {
    return [...this.actions.values()].sort(byId);
  }

  /** Also those that wait for a configuration. */
  statuses(): readonly ActionStatus[] {
    return [
      ...this.list().map((description) => ({ description, configured: true })),
      ...[...this.notConfigured.values()].map((description) => ({ description, configured: false })),
    ].sort((a, b) => byId(a.description, b.description));
  }

  private add(action: Action): void {
    if (this.actions.has(action.id) || this.notConfigured.has(action.id)) throw new TypeError(`there are two actions ${action.id}`);
    this.actions.set(action.id, action);
  }
}

const byId = (a: ActionDescription, b: ActionDescription): number => (a.id < b.id ? -1 : 1);
