import { defineConnector } from '#sdk/index.js';
import { azureIdentityProtection } from './sources/identity-protection.js';

export const azure = defineConnector({
  id: 'azure',
  title: 'Microsoft Azure and Entra ID',
  evidence: 'D',
  sources: [azureIdentityProtection],
});
