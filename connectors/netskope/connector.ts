import { defineConnector } from '#sdk/index.js';
import { netskopeAlerts } from './sources/alerts.js';

export const netskope = defineConnector({
  id: 'netskope',
  title: 'Netskope',
  evidence: 'D',
  sources: [netskopeAlerts],
});
