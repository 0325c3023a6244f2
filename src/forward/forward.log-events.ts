import { defineLogEvents } from '../platform/index.js';

export const forwardLogEvents = defineLogEvents({
  'forward.sink_down': { level: 'error', message: 'A sink takes nothing; its documents wait, nothing else does' },
  'forward.sink_up': { level: 'info', message: 'A sink takes documents again' },
  'forward.documents_rejected': { level: 'warn', message: 'A sink will never take some documents; they are kept as dead letters' },
});
