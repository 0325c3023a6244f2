import { defineConnector } from '#sdk/index.js';
import { splunkConfig } from './config.js';
import { hec } from './sinks/hec.js';

export const splunk = defineConnector({
  id: 'splunk',
  title: 'Splunk',
  evidence: 'D',
  config: splunkConfig,
  sink: hec,
});
