import { defineConnector } from '#sdk/index.js';
import { awsWaf } from './sources/waf.js';

export const aws = defineConnector({
  id: 'aws',
  title: 'Amazon Web Services',
  evidence: 'D',
  sources: [awsWaf],
});
