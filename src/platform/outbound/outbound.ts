import { readFileSync } from 'node:fs';
import path from 'node:path';
import { rootCertificates } from 'node:tls';
import type { Duplex } from 'node:stream';
import type { ResolvedConfig } from '../../config/index.js';
import type { Dialer, HttpClient } from '../../kernel/index.js';
import type { Metrics, Telemetry } from '../telemetry/index.js';
import { AddressGuard } from './address-guard.js';
import { CircuitBreakers } from './circuit-breakers.js';
import { guardedAgents, type GuardedAgents } from './guarded-agents.js';
import { guardedConnect, systemResolver, type ConnectOptions, type ConnectTarget, type Resolver } from './guarded-connect.js';
import { outboundCode, shortCode } from './outbound-failure.js';
import { OutboundHttpClient } from './outbound-http-client.js';
import { outboundErrors } from './outbound.errors.js';
import { outboundMetrics } from './outbound.metrics.js';

export interface OutboundOptions {
  readonly config: Pick<ResolvedConfig, 'outbound' | 'root'>;
  readonly telemetry: Telemetry;
  /** Replaces the name service of the system; for tests. */
  readonly resolve?: Resolver;
  /** Monotonic milliseconds; for tests. */
  readonly now?: () => number;
}

/** Everything that leaves: one dialer, and on it the HTTP client and agents for clients that make their own requests. */
export class Outbound implements Dialer {
  readonly http: HttpClient;
  /** For clients that take an agent of Node (the official Elastic client); their connections are guarded, their requests are their own. */
  readonly agents: GuardedAgents;
  readonly ca: readonly string[] | undefined;
  private readonly connecting: ConnectOptions;
  private readonly metrics: Metrics<typeof outboundMetrics>;

  /** @throws CordonError `outbound.ca_unreadable` */
  constructor({ config: { outbound, root }, telemetry, resolve = systemResolver, now = () => performance.now() }: OutboundOptions) {
    this.metrics = telemetry.metrics(outboundMetrics);
    this.ca = outbound.ca === undefined ? undefined : [...rootCertificates, readAuthorities(path.resolve(root, outbound.ca))];
    this.connecting = { guard: new AddressGuard(outbound.allow), resolve, timeoutMs: outbound.connectTimeout, ...(this.ca ? { ca: this.ca } : {}) };
    this.agents = guardedAgents((target) => this.connect(target), outbound.maxConnections);
    const breakers = new CircuitBreakers({ failures: outbound.breaker.failures, pauseMs: outbound.breaker.pause, now }, (origin) => this.metrics.cordon_outbound_circuit_state.remove({ origin }));
    this.http = new OutboundHttpClient({ agents: this.agents, breakers, metrics: this.metrics, timeoutMs: outbound.timeout, maxResponseBytes: outbound.maxResponseBytes });
  }

  async connect(target: ConnectTarget): Promise<Duplex> {
    try {
      const socket = await guardedConnect(target, this.connecting);
      this.metrics.cordon_outbound_connections_total.inc({ outcome: 'open' });
      return socket;
    } catch (error) {
      const code = outboundCode(error);
      this.metrics.cordon_outbound_connections_total.inc({ outcome: code ? shortCode(code) : 'failed' });
      throw error;
    }
  }

  /** Ends idle connections. */
  close(): void {
    this.agents.http.destroy();
    this.agents.https.destroy();
  }
}

function readAuthorities(file: string): string {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw outboundErrors.create('outbound.ca_unreadable', { detail: `${file} (${(error as NodeJS.ErrnoException).code ?? 'unknown error'})`, cause: error });
  }
  if (!text.includes('-----BEGIN CERTIFICATE-----')) throw outboundErrors.create('outbound.ca_unreadable', { detail: `${file} has no certificate` });
  return text;
}
