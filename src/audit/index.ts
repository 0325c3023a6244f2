export { AuditExport } from './audit-export.js';
export { AuditRows } from './audit-rows.js';
export { auditErrors } from './audit.errors.js';
export { AuditModule } from './audit.module.js';
export { ChainReader } from './chain-reader.js';
export { parseCheckpoint, type Checkpoint } from './checkpoint.js';
export { CheckpointKey, parsePublicKey } from './checkpoint-key.js';
export type { Finding, FindingKind } from './finding.js';
export { verifyDatabase, verifyExport, type VerifyOptions, type VerifyReport } from './verify-chain.js';
