import { defineConnector } from '#sdk/index.js';
import { cordonGateway } from './sources/gateway.js';

export const cordon = defineConnector({
  id: 'cordon',
  title: 'Cordon\'s own formats',
  evidence: 'A',
  sources: [cordonGateway],
});
