export { checkPlaybook, checkPlaybookText, type CheckedText } from './check-playbook.js';
export { EVENT_NAMES } from './event-types.js';
