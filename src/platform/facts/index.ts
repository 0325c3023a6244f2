export { PostgresFactLog } from './postgres-fact-log.js';
