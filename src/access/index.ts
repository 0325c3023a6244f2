export { accessErrors } from './access.errors.js';
export { accessMetrics } from './access.metrics.js';
export { ADMIN_KEY_FILE, writeAdminKeyFile } from './admin-key-file.js';
export type { ApiKey } from './api-key.js';
export { ApiKeyService, type CreatedApiKey, type NewApiKey } from './api-key.service.js';
export { API_KEY_STORE, type ApiKeyStore, type LockedApiKeys } from './api-key.store.js';
export { Authenticator } from './authenticator.js';
export { PostgresApiKeyStore } from './postgres-api-key.store.js';
export { mayDo, permissionsOf } from './permissions.js';
