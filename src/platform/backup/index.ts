export { backup } from './backup.js';
export { backupErrors } from './backup.errors.js';
export type { BackupManifest } from './manifest.js';
export { restore } from './restore.js';
