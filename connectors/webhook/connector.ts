import { defineConnector } from '#sdk/index.js';
import { webhookSend } from './actions/send.js';
import { webhookConfig } from './config.js';

export const webhook = defineConnector({ id: 'webhook', title: 'Standard Webhooks', evidence: 'C', config: webhookConfig, actions: [webhookSend] });
