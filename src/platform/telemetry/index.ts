export { defineLogEvents, type LogEventCatalogue, type LogEventDefinition, type LogFields, type LogWriter } from './log-events.js';
export { defineMetrics, type MetricCatalogue, type MetricDefinition, type Metrics } from './metric-definitions.js';
export { NestLogger } from './nest-logger.js';
export { silentTelemetry, Telemetry, type TelemetryOptions } from './telemetry.js';
