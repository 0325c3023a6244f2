import type { Database } from '../platform/index.js';
import { FORGET_SIGNATURES } from './sql.js';

/** The clock of another instance may be behind ours. */
const GRACE_MS = 60_000;

/** Removes the bindings of signatures that are refused for their age anyway. */
export async function forgetSignatures(database: Database, now: Date): Promise<void> {
  await database.query(FORGET_SIGNATURES, [new Date(now.getTime() - GRACE_MS)]);
}
