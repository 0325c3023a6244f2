export { BreakGlassPeople } from './break-glass.js';
export { conflictOf, ConflictOfInterest, type Conflict, type ReportingLine, type Subjects } from './conflict-of-interest.js';
export { ContextModule } from './context.module.js';
export { parseSourceName, toAnswer, toImportResponse, toPersonResponse } from './context.schema.js';
export { ContextImporter, type ImportReport } from './importer.js';
export { loadFiles } from './load-files.js';
export { PostgresDirectory } from './postgres-directory.js';
export type { Finding } from './raw-row.js';
