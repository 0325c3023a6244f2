export { AuditRows } from './audit-rows.js';
