export { APP_ROLE, createDatabase, createRoles, OWNER_ROLE } from './bootstrap.js';
export { findEmbeddedPostgres, startEmbeddedPostgres, type EmbeddedConnections, type EmbeddedPostgres, type EmbeddedPostgresOptions } from './embedded-postgres.js';
export { postgresErrors } from './postgres.errors.js';
export { postgresLogEvents } from './postgres.log-events.js';
export { findCluster } from './place.js';
