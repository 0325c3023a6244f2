import { defineConnector } from '#sdk/index.js';
import { emailSend } from './actions/send.js';
import { emailConfig } from './config.js';

export const email = defineConnector({ id: 'email', title: 'E-mail (SMTP)', evidence: 'A', config: emailConfig, actions: [emailSend] });
