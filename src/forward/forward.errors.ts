import { defineErrors } from '../kernel/index.js';

export const forwardErrors = defineErrors({
  'forward.sink_unknown': {
    status: 404,
    title: 'There is no sink with this name',
    remedy: 'GET /v1/forward lists the sinks; a sink is a connector that forwards, named below forward.sinks of the configuration.',
  },
  'forward.sink_not_configured': {
    status: 400,
    title: 'A sink is named that has no connection',
    remedy: 'Add the connector’s section below connectors, or take the name out of forward.sinks.',
  },
  'forward.sink_failed': {
    status: 502,
    title: 'The sink took nothing',
    remedy: 'The detail has its answer. Nothing was changed: try again once the sink is mended.',
    retryable: true,
  },
  'forward.request_invalid': {
    status: 400,
    title: 'The request cannot be used',
    remedy: 'Correct the parameter or member that the detail names; docs/how-to/forward.md lists them.',
  },
});
