export { compilePlaybook } from './compile-playbook.js';
export { PlaybookCache } from './playbook-cache.js';
