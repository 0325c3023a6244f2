import type { z } from 'zod';
import type { ConnectorAction } from './action.js';
import type { ConnectorSink } from './sink.js';
import type { Source } from './source.js';

/**
 * What the mapping and the actions were held against: A a real server, B a published contract and the vendor's SDK, C a
 * published contract, D documentation and sample records.
 */
export type EvidenceLevel = 'A' | 'B' | 'C' | 'D';

/** What an author writes for one vendor's package. */
export interface ConnectorDefinition {
  /** Name of its folder below connectors/. */
  readonly id: string;
  readonly title: string;
  readonly evidence: EvidenceLevel;
  /** What it maps; default nothing. */
  readonly sources?: readonly Source[];
  /** Its section `connectors.<id>` of the configuration: a strict object; secrets are `secret()`. Needed where there are actions or a sink. */
  readonly config?: z.ZodType;
  readonly actions?: readonly ConnectorAction[];
  /** Takes documents where it is named below `forward.sinks`. */
  readonly sink?: ConnectorSink;
}

/** One vendor's package. */
export interface Connector extends ConnectorDefinition {
  readonly sources: readonly Source[];
  readonly actions: readonly ConnectorAction[];
}

/** Checks a connector. A mistake in it is a TypeError at start. */
export function defineConnector({ sources = [], actions = [], ...definition }: ConnectorDefinition): Connector {
  const { id, config } = definition;
  const ids = new Set<string>();
  for (const { description, config: own } of actions) {
    if (!description.id.startsWith(`${id}.`)) throw new TypeError(`action ${description.id} is not named ${id}.<verb-object>`);
    if (ids.has(description.id)) throw new TypeError(`action ${description.id} is in connector ${id} twice`);
    if (own !== undefined && own !== config) throw new TypeError(`action ${description.id} has another configuration schema than connector ${id}`);
    ids.add(description.id);
  }
  if (definition.sink && definition.sink.config !== config) throw new TypeError(`the sink of connector ${id} has another configuration schema than it`);
  if (actions.length > 0 && config === undefined) throw new TypeError(`connector ${id} has actions but no configuration, by which they are switched on`);
  return { ...definition, sources, actions };
}
