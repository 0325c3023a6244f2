import type { ActionDescription, ActionDescriptions } from '../../kernel/index.js';
import type { Connector } from '../../sdk/index.js';

/**
 * What a build can do, without a configuration and without a network: for checks and scenarios of playbooks.
 * @param further descriptions of the actions inside the database and of the built-ins
 * @throws TypeError for two actions of one id, and for an undo that no action carries out
 */
export function describeActions(connectors: readonly Connector[], further: readonly ActionDescription[] = []): ActionDescriptions {
  const byId = new Map<string, ActionDescription>();
  for (const description of [...connectors.flatMap(({ actions }) => actions.map((action) => action.description)), ...further]) {
    if (byId.has(description.id)) throw new TypeError(`there are two actions ${description.id}`);
    byId.set(description.id, description);
  }
  for (const { id, undo } of byId.values()) {
    if ('action' in undo && !byId.has(undo.action)) throw new TypeError(`${id} is taken back by ${undo.action}, which there is not`);
  }
  const all = [...byId.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
  return { find: (id) => byId.get(id), list: () => all };
}
