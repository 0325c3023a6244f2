import { defineConnector } from '#sdk/index.js';
import { elasticConfig } from './config.js';
import { dataStreams } from './sinks/data-streams.js';

export const elastic = defineConnector({
  id: 'elastic',
  title: 'Elasticsearch',
  evidence: 'B',
  config: elasticConfig,
  sink: dataStreams,
});
