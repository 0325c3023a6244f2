import { defineConnector } from '#sdk/index.js';
import { traefikAccess } from './sources/access.js';

export const traefik = defineConnector({
  id: 'traefik',
  title: 'Traefik Proxy',
  evidence: 'D',
  sources: [traefikAccess],
});
