import { defineMetrics } from '../telemetry/index.js';

export const outboundMetrics = defineMetrics({
  cordon_outbound_requests_total: { type: 'counter', help: 'Requests that left or were kept from leaving. outcome: class of the status (`2xx`), or the last part of the error code (`timeout`).', labels: ['origin', 'outcome'] },
  cordon_outbound_request_seconds: { type: 'histogram', help: 'Time to the whole answer.', labels: ['origin'], buckets: [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30] },
  cordon_outbound_connections_total: { type: 'counter', help: 'Connections made or refused. outcome: `open`, or the last part of the error code.', labels: ['outcome'] },
  cordon_outbound_circuit_state: { type: 'gauge', help: 'Circuit breaker: 0 closed, 1 one request tries again, 2 open.', labels: ['origin'] },
});
