import type { Source } from './source.js';

/**
 * What the mapping was held against: A a real server, B a published contract and the vendor's SDK, C a published contract,
 * D documentation and sample records.
 */
export type EvidenceLevel = 'A' | 'B' | 'C' | 'D';

/** One vendor's package. */
export interface Connector {
  /** Name of its folder below connectors/. */
  readonly id: string;
  readonly title: string;
  readonly evidence: EvidenceLevel;
  readonly sources: readonly Source[];
}

export function defineConnector(connector: Connector): Connector {
  return connector;
}
