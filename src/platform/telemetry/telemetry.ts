import { collectDefaultMetrics, Registry } from 'prom-client';
import { destination, pino, type DestinationStream, type Level, type Logger } from 'pino';
import type { LogEventCatalogue, LogWriter } from './log-events.js';
import { describeError } from './describe-error.js';
import { bindMetrics, type MetricCatalogue, type Metrics } from './metric-definitions.js';

export interface TelemetryOptions {
  readonly level?: Level | 'silent';
  /** Where log lines go; default stderr, so that stdout stays free for results. */
  readonly stream?: DestinationStream;
  /** Process metrics (event loop, heap); off in tests. */
  readonly processMetrics?: boolean;
}

const STDERR = 2;

/** Logs and metrics of one running product. Nothing of it is global, so that tests run several in one process. */
export class Telemetry {
  readonly registry = new Registry();
  readonly logger: Logger;

  constructor({ level = 'info', stream = destination({ fd: STDERR, sync: true }), processMetrics = false }: TelemetryOptions = {}) {
    this.logger = pino({ level, base: null, messageKey: 'message', timestamp: pino.stdTimeFunctions.isoTime, formatters: { level: (label) => ({ level: label }) }, serializers: { error: describeError } }, stream);
    if (processMetrics) collectDefaultMetrics({ register: this.registry, prefix: 'cordon_' });
  }

  metrics<C extends MetricCatalogue>(catalogue: C): Metrics<C> {
    return bindMetrics(catalogue, this.registry);
  }

  log<C extends LogEventCatalogue>(catalogue: C): LogWriter<C> {
    return (event, fields = {}) => {
      const definition = catalogue[event];
      if (definition) this.logger[definition.level]({ event, ...fields }, definition.message);
    };
  }
}

/** Telemetry that writes nowhere, for tests and for command-line calls. */
export const silentTelemetry = (): Telemetry => new Telemetry({ level: 'silent' });
