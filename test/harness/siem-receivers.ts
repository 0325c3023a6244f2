import path from 'node:path';
import type { JsonObject } from '../../src/kernel/index.js';

type Fault = { status: number; body: JsonObject } | undefined;

export interface ElasticReceiver {
  readonly url: string;
  readonly streams: ReadonlyMap<string, ReadonlyMap<string, JsonObject>>;
  readonly requests: readonly { readonly method: string; readonly path: string; readonly query: string; readonly headers: Readonly<Record<string, string>>; readonly text: string }[];
  fault: ((path: string) => Fault) | undefined;
  documents(): JsonObject[];
  close(): Promise<void>;
}

export interface HecReceiver {
  readonly url: string;
  readonly events: readonly { readonly time: number; readonly sourcetype: string; readonly event: JsonObject; readonly fields: { readonly cordon_id: string } }[];
  readonly requests: number;
  fault: ((objects: readonly JsonObject[]) => Fault) | undefined;
  close(): Promise<void>;
}

const folder = path.resolve('scripts/demo/targets');

/** The receivers of the demo, with types. */
export const { startElasticReceiver } = (await import(path.join(folder, 'elastic-receiver.mjs'))) as { startElasticReceiver(options: { apiKey: string; port?: number }): Promise<ElasticReceiver> };
export const { startHecReceiver } = (await import(path.join(folder, 'hec-receiver.mjs'))) as { startHecReceiver(options: { token: string; port?: number }): Promise<HecReceiver> };
