import { defineLogEvents } from '../platform/index.js';

export const contextLogEvents = defineLogEvents({
  'context.imported': { level: 'info', message: 'What a source knows of people, accounts and endpoints was replaced' },
});
