export { AuditRows } from './audit-rows.js';
export { AuditModule } from './audit.module.js';
